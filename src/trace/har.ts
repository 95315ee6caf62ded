/**
 * HAR 1.2, as browsers, proxies and test tools export it (http://www.softwareishard.com/blog/har-12-spec/). Taken:
 * timings, connections, Chrome's `_initiator` stacks. Left out: what never went over the wire (caches, `data:` and
 * the like), all headers and bodies. The file is read whole: HAR is one JSON value.
 */
import { readFile } from 'node:fs/promises';
import { reasonOf, TraceError } from './error.ts';
import { epochUs, faultOf, HarEntries, type HarEntry, wasOnTheWire } from './har-entries.ts';
import { isNestedTooDeep, MOST_NESTED } from './nesting.ts';
import type { Problem } from './reader.ts';
import { type Recorder, type RunHeader, TRACE_VERSION, type TraceRecord } from './records.ts';

/** A HAR file as a trace: read like a TraceReader. */
export interface HarTrace extends AsyncIterable<readonly TraceRecord[]> {
  readonly path: string;
  readonly run: RunHeader;
  /** Entries that could not be used. */
  readonly problems: readonly Problem[];
  readonly problemCount: number;
  readonly cutShort: boolean;
}

/** Reads a HAR file. @throws TraceError when it can't be read, or is none. */
export async function readHar(path: string): Promise<HarTrace> {
  const { entries, creator } = await logOf(path);
  const problems: Problem[] = [];
  const good: HarEntry[] = [];
  for (const [index, entry] of entries.entries()) {
    const fault = faultOf(entry);
    if (fault === undefined) good.push(entry);
    else problems.push({ where: `${path}: log.entries[${index}]`, text: fault });
  }
  good.sort((a, b) => epochUs(a.startedDateTime) - epochUs(b.startedDateTime));
  const startedUs = good.length === 0 ? 0 : epochUs(good[0]!.startedDateTime);
  const recorder: Recorder = { name: 'har', version: creator, sees: SEES };
  return {
    path,
    run: { kind: 'run', version: TRACE_VERSION, startedUs, command: [], recorders: [recorder] },
    problems,
    problemCount: problems.length,
    cutShort: false,
    async *[Symbol.asyncIterator]() {
      yield recordsOf(good, startedUs);
    },
  };
}

const SEES = [
  'exchange',
  'connection',
  'stack',
  'wantedUs',
  'dispatchedUs',
  'connectedUs',
  'sentUs',
  'answeredUs',
  'readUs',
];

async function logOf(path: string): Promise<{ entries: HarEntry[]; creator: string }> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    throw new TraceError(`${path}: the HAR file can't be read: ${reasonOf(error)}`, { cause: error });
  }
  const log = parsedLog(path, text);
  if (!Array.isArray(log?.entries)) throw new TraceError(`${path}: no HAR file: it has no list log.entries`);
  const { name, version } = log.creator ?? {};
  return { entries: log.entries, creator: `${name ?? 'unknown'} ${version ?? ''}`.trim() };
}

interface HarLog {
  readonly entries?: unknown;
  readonly creator?: { readonly name?: string; readonly version?: string };
}

function parsedLog(path: string, text: string): HarLog | undefined {
  if (isNestedTooDeep(text))
    throw new TraceError(`${path}: no HAR file: it is nested more than ${MOST_NESTED} deep`);
  try {
    return (JSON.parse(text.replace(/^\uFEFF/, '')) as { log?: HarLog } | null)?.log;
  } catch (error) {
    throw new TraceError(`${path}: no HAR file: it is no JSON: ${(error as Error).message}`, {
      cause: error,
    });
  }
}

function recordsOf(entries: readonly HarEntry[], startedUs: number): TraceRecord[] {
  const wired = entries.filter(wasOnTheWire);
  const made = new HarEntries(startedUs);
  const records = wired.flatMap((entry) => made.recordsOf(entry));
  const left = entries.length - wired.length;
  if (left > 0) records.push({ kind: 'note', atUs: 0, text: `${left} entries never went over the wire` });
  return [...records, { kind: 'end', endedUs: made.lastUs, lost: {} }];
}
