/**
 * HAR 1.2, as browsers, proxies and test tools export it (http://www.softwareishard.com/blog/har-12-spec/). Taken:
 * timings, connections, Chrome's `_initiator` stacks. Left out: what never went over the wire (caches, `data:` and
 * the like), all headers and bodies.
 */
import {
  type Problem,
  type Recorder,
  TRACE_VERSION,
  TraceError,
  type TraceRecord,
  type TraceSource,
} from '../../trace/index.ts';
import { HarEntries } from './entries.ts';
import { entryOf, epochUs, type HarEntry, wasOnTheWire } from './entry.ts';

/** What a HAR file holds, as far as it is known by its key. */
export interface HarDocument {
  readonly log: HarLog | null;
}

interface HarLog {
  readonly entries?: unknown;
  readonly creator?: { readonly name?: string; readonly version?: string };
}

/** Reads the JSON value of a HAR file. @throws TraceError when it has no list of entries. */
export function readHar(path: string, { log }: HarDocument): TraceSource {
  if (!Array.isArray(log?.entries)) throw new TraceError(`${path}: no HAR file: it has no list log.entries`);
  const problems: Problem[] = [];
  const good: HarEntry[] = [];
  for (const [index, value] of log.entries.entries()) {
    const entry = entryOf(value);
    if (typeof entry === 'string') problems.push({ where: `${path}: log.entries[${index}]`, text: entry });
    else good.push(entry);
  }
  good.sort((a, b) => epochUs(a.startedDateTime) - epochUs(b.startedDateTime));
  const startedUs = good.length === 0 ? 0 : epochUs(good[0]!.startedDateTime);
  const { name = 'unknown', version = '' } = log.creator ?? {};
  const recorder: Recorder = { name: 'har', version: `${name} ${version}`.trim(), sees: SEES };
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

function recordsOf(entries: readonly HarEntry[], startedUs: number): TraceRecord[] {
  const wired = entries.filter(wasOnTheWire);
  const made = new HarEntries(startedUs);
  const records = wired.flatMap((entry) => made.recordsOf(entry));
  const left = entries.length - wired.length;
  if (left > 0) records.push({ kind: 'note', atUs: 0, text: `${left} entries never went over the wire` });
  return [...records, { kind: 'end', endedUs: made.lastUs, lost: {} }];
}
