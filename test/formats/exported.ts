import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after } from 'node:test';
import { type ExportEnding, exportTrace, openTraceFile } from '../../src/formats/index.ts';
import type { End, Exchange, RunHeader, TraceRecord } from '../../src/trace/index.ts';
import { anEnd, anExchange, aRun } from '../trace/example.ts';

const folder = mkdtempSync(join(tmpdir(), 'abreast-export-'));
after(() => rmSync(folder, { recursive: true }));
let files = 0;

/** Traces of real runs: one that `get` recorded, and one each of Python, Node, Go and a failing run. */
export const TRACES = [
  'get-20-at-once.jsonl',
  'get-one-by-one.jsonl',
  'get-failures.jsonl',
  'cases/py-sync-shared-connection.slow.jsonl.zst',
  'cases/py-async-blocking-requests.slow.jsonl.zst',
  'cases/go-maxconnsperhost.slow.jsonl.zst',
  'cases/neg-h2-one-connection.control.jsonl.zst',
].map((name) => join(import.meta.dirname, '../traces', name));

/** Exports the trace in a file. @returns the path of the export */
export async function exportOf(
  trace: string,
  ending: ExportEnding,
  counts?: (origin: string) => boolean,
): Promise<string> {
  const file = join(folder, `${files++}${ending}`);
  const recorded = { open: () => openTraceFile(trace), ...(counts !== undefined && { counts }) };
  await exportTrace(file, ending, recorded, '1.2.3');
  return file;
}

/** The same, as text. */
export async function exportedText(trace: string, ending: ExportEnding): Promise<string> {
  return readFileSync(await exportOf(trace, ending), 'utf8');
}

/** A trace of these records. */
export function traceOf(
  records: readonly Exclude<TraceRecord, RunHeader | End>[],
  { run = {}, end = {} }: { readonly run?: Partial<RunHeader>; readonly end?: Partial<End> } = {},
): string {
  const path = join(folder, `${files++}.jsonl`);
  const lines = [aRun(run), ...records, anEnd(end)].map((record) => JSON.stringify(record));
  writeFileSync(path, `${lines.join('\n')}\n`);
  return path;
}

/** An exchange with all of its steps, in milliseconds. */
export function steps(
  [wanted, dispatched, connected, sent, answered, read]: readonly [
    number,
    number,
    number,
    number,
    number,
    number,
  ],
  given: Partial<Exchange> = {},
): Exchange {
  return anExchange({
    method: 'GET',
    url: 'https://example.com/a?x=1',
    wantedUs: wanted * 1_000,
    dispatchedUs: dispatched * 1_000,
    connectedUs: connected * 1_000,
    sentUs: sent * 1_000,
    answeredUs: answered * 1_000,
    readUs: read * 1_000,
    status: 200,
    error: null,
    ...given,
  });
}

/** The exchanges of a file of any format. */
export async function exchangesIn(path: string): Promise<Exchange[]> {
  const exchanges: Exchange[] = [];
  for await (const batch of await openTraceFile(path))
    for (const record of batch) if (record.kind === 'exchange') exchanges.push(record);
  return exchanges;
}
