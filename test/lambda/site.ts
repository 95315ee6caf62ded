import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { lay, temporaryFolder } from '../folder.ts';

/** A server that counts how often it was asked for each id. */
export interface Site {
  readonly url: string;
  readonly asked: ReadonlyMap<number, number>;
  /** How long an answer took in the mean: longer than `delayMs` on a busy machine. */
  readonly meanMs: number;
}

export async function startSite(t: TestContext, delayMs: number): Promise<Site> {
  const asked = new Map<number, number>();
  let answeredMs = 0;
  const server = createServer(async (request, response) => {
    const askedMs = performance.now();
    response.once('finish', () => {
      answeredMs += performance.now() - askedMs;
    });
    const id = Number(request.url!.slice(1));
    asked.set(id, (asked.get(id) ?? 0) + 1);
    await sleep(delayMs);
    response.setHeader('content-type', 'application/json').end(JSON.stringify({ id }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    get meanMs() {
      return answeredMs / asked.size;
    },
  };
}

/** A report over `rows` ids, and what a function needs to run it with a storage of its own. */
export interface Function {
  readonly env: Readonly<Record<string, string>>;
  readonly storage: string;
  readonly report: string;
}

export function layFunction(
  t: TestContext,
  {
    url,
    rows,
    concurrency = 14,
    deadline = '1h',
    more = '',
  }: { url: string; rows: number; concurrency?: number; deadline?: string; more?: string },
): Function {
  const folder = temporaryFolder(t);
  const storage = join(folder, 'storage');
  const report = join(folder, 'nightly.yaml');
  lay(folder, {
    'nightly.yaml': `name: nightly
rows: { sql: "select range as id from range(${rows})" }
requests: [{ name: health, url: "\${SITE}/{{id}}" }]
limits: { concurrency: ${concurrency}, deadline: ${deadline} }
crunch: [{ name: counts, sql: "select count(*) as n, count(distinct id) as ids, sum((status = 200)::int) as good from health" }]
dump: [{ table: counts, to: out/counts.csv }]
${more}`,
  });
  return {
    env: { SITE: url, ABREAST_REPORT: report, ABREAST_STORAGE: storage },
    storage,
    report,
  };
}
