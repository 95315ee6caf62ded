import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FetchError, type Result } from '../../src/fetch/index.ts';
import { openStore, type StoreOptions } from '../../src/store/index.ts';

/** A good result, in all but what `but` says. */
export function result(but: Partial<Result> = {}): Result {
  const url = `https://example.test/${but.index ?? 0}`;
  return {
    index: 0,
    input: url,
    data: null,
    url,
    finalUrl: url,
    status: 200,
    error: null,
    attempts: 1,
    startedAt: 1_763_780_000_123.4,
    waitMs: 0.12345,
    connectMs: 0,
    ttfbMs: 1.5,
    totalMs: 2,
    bytes: 2,
    headers: { 'content-type': 'text/plain' },
    body: Buffer.from('ok'),
    text: () => 'ok',
    json: () => null,
    ...but,
  };
}

/** A result of a GET that failed. */
export function failure(index: number): Result {
  return result({
    index,
    status: null,
    finalUrl: null,
    headers: null,
    body: null,
    error: new FetchError('reset', 'the connection ended'),
  });
}

/** A new empty folder's file of this name. */
export function file(name: string): string {
  return join(mkdtempSync(join(tmpdir(), 'abreast-store-')), name);
}

export const HOW: StoreOptions = { mode: 'new', bodies: 'inline', keepUrls: false };

/** Stores results under their own index and closes. */
export async function store(
  path: string,
  results: readonly Result[],
  how: Partial<StoreOptions> = {},
): Promise<void> {
  const open = await openStore(path, { ...HOW, ...how });
  for (const one of results) await open.add(one, one.index);
  await open.close();
}
