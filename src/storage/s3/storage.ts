import { randomUUID } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { checkName, isName } from '../name.ts';
import { probeStorage } from '../probe.ts';
import type { Content, Storage } from '../storage.ts';
import type { S3Address } from './address.ts';
import type { OpenS3 } from './client.ts';
import { s3Fault, statusOf, type Tried } from './fault.ts';
import { PATIENCE_MS, patiently } from './patience.ts';
import { resumed } from './resumed.ts';
import { type Target, uploadParts, WHOLE_BYTES } from './upload.ts';

/** The metadata of an object with the id of its write. */
const WRITE = 'abreast-write';

/** A storage in a bucket of S3, or of a server that speaks its protocol. */
export class S3Storage implements Storage {
  readonly url: string;
  readonly #s3: OpenS3;
  readonly #address: S3Address;
  readonly #patienceMs: number;

  constructor(s3: OpenS3, address: S3Address, patienceMs = PATIENCE_MS) {
    this.#s3 = s3;
    this.#address = address;
    this.#patienceMs = patienceMs;
    this.url = `s3://${address.bucket}${address.key === '' ? '' : `/${address.key}`}`;
  }

  writeOnce(name: string, content: Content): Promise<boolean> {
    return this.#put(name, content, { IfNoneMatch: '*' });
  }

  async write(name: string, content: Content): Promise<void> {
    await this.#put(name, content, {});
  }

  async read(name: string): Promise<Readable | null> {
    const { s3, client } = this.#s3;
    const at = this.#at(name);
    const ask = (more: { Range?: string; IfMatch?: string } = {}) =>
      this.#patiently(() => client.send(new s3.GetObjectCommand({ ...at, ...more })));
    const tried = this.#tried('read', name);
    const first = await this.#do(tried, () => ask().catch(nullWhereAbsent));
    if (first === null) return null;
    const pieces = resumed(first, (from) => ask({ Range: `bytes=${from}-`, IfMatch: first.ETag! }));
    const stream = Readable.from(this.#translated(tried, pieces), { objectMode: false });
    // Otherwise a body that is not read to its end keeps its connection.
    stream.once('close', () => (first.Body as Readable).destroy());
    return stream;
  }

  async *list(prefix: string): AsyncGenerator<string> {
    const { s3, client } = this.#s3;
    const { bucket } = this.#address;
    const start = this.#key('');
    let token: string | undefined;
    do {
      const asked = { Bucket: bucket, Prefix: `${start}${prefix}`, ContinuationToken: token };
      const page = await this.#do(this.#tried('listed', prefix), () =>
        this.#patiently(() => client.send(new s3.ListObjectsV2Command(asked))),
      );
      for (const { Key } of page.Contents ?? []) {
        const name = Key!.slice(start.length);
        if (isName(name)) yield name;
      }
      token = page.NextContinuationToken;
    } while (token !== undefined);
  }

  async remove(name: string): Promise<void> {
    const { s3, client } = this.#s3;
    const at = this.#at(name);
    await this.#do(this.#tried('removed', name), () =>
      this.#patiently(() => client.send(new s3.DeleteObjectCommand(at))),
    );
  }

  async probe(): Promise<void> {
    await probeStorage(new S3Storage(this.#s3, this.#address, 0));
  }

  async #put(name: string, content: Content, condition: { IfNoneMatch?: string }): Promise<boolean> {
    const write = randomUUID();
    const at = this.#at(name);
    const target: Target = { ...at, ...condition, Metadata: { [WRITE]: write } };
    return this.#do(this.#tried('written', name), async () => {
      try {
        return await this.#upload(target, content);
      } catch (error) {
        if (!mayBeThere(error)) throw error;
        const there = await this.#writeOf(at);
        // An earlier try succeeded, and its answer was lost.
        if (there === write) return true;
        if (condition.IfNoneMatch === undefined || there === null) throw error;
        return false;
      }
    });
  }

  async #upload(target: Target, content: Content): Promise<boolean> {
    const { s3, client } = this.#s3;
    const isBytes = content instanceof Uint8Array;
    const size = isBytes ? content.length : (await stat(content.path)).size;
    if (isBytes || size <= WHOLE_BYTES) {
      const Body = isBytes ? content : await readFile(content.path);
      await this.#patiently(() => client.send(new s3.PutObjectCommand({ ...target, Body })));
      return true;
    }
    const isTaken = async () => target.IfNoneMatch !== undefined && (await this.#writeOf(target)) !== null;
    return uploadParts(this.#s3, target, { path: content.path, size }, isTaken, (work) =>
      this.#patiently(work),
    );
  }

  /** The id of the write of an object; undefined: it was not written by abreast, null: there is no object. */
  async #writeOf({ Bucket, Key }: { Bucket: string; Key: string }): Promise<string | undefined | null> {
    const { s3, client } = this.#s3;
    const ask = () => client.send(new s3.HeadObjectCommand({ Bucket, Key }));
    const head = await this.#patiently(ask).catch(nullWhereAbsent);
    return head === null ? null : head.Metadata?.[WRITE];
  }

  #key(name: string): string {
    const { key } = this.#address;
    return key === '' ? name : `${key}/${name}`;
  }

  #at(name: string): { Bucket: string; Key: string } {
    checkName(name);
    return { Bucket: this.#address.bucket, Key: this.#key(name) };
  }

  #tried(what: Tried['what'], name: string): Tried {
    return { what, url: `${this.url}/${name}`, bucket: this.#address.bucket, host: this.#s3.host };
  }

  #patiently<Value>(work: () => Promise<Value>): Promise<Value> {
    return patiently(work, this.#patienceMs);
  }

  async #do<Value>(tried: Tried, work: () => Promise<Value>): Promise<Value> {
    try {
      return await work();
    } catch (error) {
      throw await this.#refused(error, tried);
    }
  }

  async *#translated(tried: Tried, pieces: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
    try {
      yield* pieces;
    } catch (error) {
      throw await this.#refused(error, tried);
    }
  }

  async #refused(error: unknown, tried: Tried): Promise<unknown> {
    if (error instanceof Error && 'syscall' in error && 'path' in error) return error; // of the file to be written
    const { secretAccessKey, sessionToken } = await this.#credentials();
    const secrets = [secretAccessKey, sessionToken].filter((secret) => secret !== undefined && secret !== '');
    return s3Fault(error, tried, secrets as string[]);
  }

  async #credentials(): Promise<{ secretAccessKey?: string; sessionToken?: string }> {
    return this.#s3.client.config.credentials().catch(() => ({}));
  }
}

/** Whether the object may be there: its name is taken, or the parts of an upload are gone. Perhaps this process wrote it. */
function mayBeThere(error: unknown): boolean {
  return statusOf(error) === 412 || ['NoSuchUpload', 'InvalidPart'].includes((error as Error).name);
}

function nullWhereAbsent(error: Error): null {
  if (statusOf(error) === 404 && error.name !== 'NoSuchBucket') return null;
  throw error;
}
