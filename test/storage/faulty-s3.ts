import { createHash, randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import type { TestContext } from 'node:test';
import { awsEnvironment } from '../servers/index.ts';

/** A request to the server. */
export interface Asked {
  readonly method: string;
  /** `/bucket/key` */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingMessage['headers'];
}

/** What goes wrong with a request. */
export type S3Fault =
  /** It is answered so, and not done. */
  | { readonly status: number; readonly code: string; readonly message?: string; readonly headers?: object }
  /** It is done, and the connection ends without an answer. */
  | 'lost'
  /** Half of the body of its answer is sent. */
  | 'cut'
  /** It is answered with a page of HTML, as a proxy would. */
  | 'page';

export interface FaultyS3 {
  readonly url: string;
  readonly asked: readonly Asked[];
  readonly objects: Map<string, { bytes: Buffer; headers: Record<string, string> }>;
}

/**
 * A server of S3 for what a real one does rarely: `faultOf` says what goes wrong with a request. Where it `heeds` no
 * conditions, a second writer replaces the first one. The environment of this process names it, and is as it was when
 * the test is over.
 */
export async function startFaultyS3(
  t: TestContext,
  faultOf: (asked: Asked, nth: number) => S3Fault | undefined,
  { heeds = true } = {},
): Promise<FaultyS3> {
  const asked: Asked[] = [];
  const objects: FaultyS3['objects'] = new Map();
  const uploads = new Map<string, { parts: Map<number, Buffer>; headers: Record<string, string> }>();
  const put = (path: string, bytes: Buffer, headers: Record<string, string>) => {
    const etag = `"${createHash('md5').update(bytes).digest('hex')}"`;
    objects.set(path, { bytes, headers: { ...headers, etag } });
    return { status: 200, headers: { etag } };
  };
  const server = createServer(async (request, response) => {
    const url = new URL(request.url!, 'http://localhost');
    const one: Asked = {
      method: request.method!,
      path: decodeURIComponent(url.pathname),
      query: url.searchParams,
      headers: request.headers,
    };
    const body = await buffer(request);
    const fault = faultOf(one, asked.push(one));
    if (fault === 'page') return send(response, 200, { 'content-type': 'text/html' }, '<html>Welcome</html>');
    if (typeof fault === 'object')
      return send(response, fault.status, { ...fault.headers }, errorXml(fault.code, fault.message));
    const done = serve(one, body);
    if (fault === 'lost') return void response.destroy();
    const bytes = Buffer.from(done.body ?? '');
    const isHead = one.method === 'HEAD';
    if (fault === 'cut') {
      response.writeHead(done.status, { ...done.headers, 'content-length': bytes.length });
      response.write(bytes.subarray(0, bytes.length / 2), () => setTimeout(() => response.destroy(), 20));
      return;
    }
    send(response, done.status, { ...done.headers }, isHead ? null : bytes);
  });

  function serve({ method, path, query, headers }: Asked, body: Buffer): Answer {
    const there = objects.get(path);
    const meta = Object.fromEntries(
      Object.entries(headers).filter(([name]) => name.startsWith('x-amz-meta-')),
    ) as Record<string, string>;
    const isRefused = heeds && headers['if-none-match'] === '*' && there !== undefined;
    const upload = uploads.get(query.get('uploadId') ?? '');
    if (method === 'POST' && query.has('uploads')) {
      const id = randomUUID();
      uploads.set(id, { parts: new Map(), headers: meta });
      return { status: 200, body: `<Result><UploadId>${id}</UploadId></Result>` };
    }
    if (query.has('uploadId')) {
      if (upload === undefined) return { status: 404, body: errorXml('NoSuchUpload') };
      if (method === 'PUT') {
        upload.parts.set(Number(query.get('partNumber')), body);
        return { status: 200, headers: { etag: '"part"' } };
      }
      if (method === 'POST' && isRefused) return { status: 412, body: errorXml('PreconditionFailed') };
      uploads.delete(query.get('uploadId')!);
      if (method === 'DELETE') return { status: 204 };
      const parts = [...upload.parts].sort(([one], [other]) => one - other).map(([, bytes]) => bytes);
      put(path, Buffer.concat(parts), upload.headers);
      return { status: 200, body: '<Result><ETag>"whole"</ETag></Result>' };
    }
    if (method === 'PUT') {
      if (isRefused) return { status: 412, body: errorXml('PreconditionFailed') };
      return put(path, body, meta);
    }
    if (method === 'DELETE') {
      objects.delete(path);
      return { status: 204 };
    }
    if (query.get('list-type') === '2') {
      const root = `${path.replace(/\/$/, '')}/`;
      const start = `${root}${query.get('prefix') ?? ''}`;
      const keys = [...objects.keys()].filter((key) => key.startsWith(start)).sort();
      const listed = keys.map((key) => `<Contents><Key>${key.slice(root.length)}</Key></Contents>`);
      return { status: 200, body: `<ListBucketResult>${listed.join('')}</ListBucketResult>` };
    }
    if (there === undefined) return { status: 404, body: errorXml('NoSuchKey') };
    const from = /^bytes=(\d+)-$/.exec(headers.range ?? '')?.[1];
    if (headers['if-match'] !== undefined && headers['if-match'] !== there.headers.etag)
      return { status: 412, body: errorXml('PreconditionFailed') };
    if (from === undefined) return { status: 200, headers: there.headers, body: there.bytes };
    return { status: 206, headers: there.headers, body: there.bytes.subarray(Number(from)) };
  }

  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const before = { ...process.env };
  Object.assign(process.env, awsEnvironment(url));
  t.after(() => {
    for (const name of Object.keys(process.env)) if (!(name in before)) delete process.env[name];
    Object.assign(process.env, before);
    server.closeAllConnections();
    server.close();
  });
  return { url, asked, objects };
}

interface Answer {
  readonly status: number;
  readonly headers?: Record<string, string>;
  readonly body?: string | Buffer;
}

function send(response: ServerResponse, status: number, headers: object, body: string | Buffer | null): void {
  response.writeHead(status, { ...headers });
  response.end(body ?? undefined);
}

function errorXml(code: string, message = code): string {
  return `<?xml version="1.0"?><Error><Code>${code}</Code><Message>${message}</Message></Error>`;
}
