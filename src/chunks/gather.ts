import type { Executed, Execution, Watcher } from '../execute/index.ts';
import {
  type DistributedOrder,
  type DistributedRun,
  type Distribution,
  type Report,
  ReportError,
} from '../report/index.ts';
import type { Storage } from '../storage/index.ts';
import { Collector } from './collector.ts';
import { type RunDescription, readRun } from './description.ts';
import { refuseOtherRows } from './planned.ts';
import { runOfShards } from './shard.ts';

/** Gaps that a message names. */
const MOST_NAMED = 5;
/** Chunks that are brought home at once: reading a file from a distant storage takes long. */
const AT_ONCE = 8;

/** Brings home the chunks of all shards, from one or more places, and names the rows that no shard has fetched. */
export class GatherDistribution implements Distribution {
  readonly #places: readonly Storage[];
  #report: Report | null = null;
  #description: RunDescription | null = null;

  /** `places`: of one run; a chunk that is in several of them is taken from the first. */
  constructor(places: readonly Storage[]) {
    this.#places = places;
  }

  async begin({ report, requests }: DistributedRun): Promise<{ startedUs: number }> {
    const run = runOfShards(report);
    const runs = await Promise.all(this.#places.map((place) => readRun(place, run)));
    const { chunkRows } = runs[0]!;
    const other = runs.findIndex((run) => run.requests !== requests || run.chunkRows !== chunkRows);
    if (other !== -1)
      throw new ReportError(
        `${report.file}: its requests, or the SQL of its rows, differ from those of the shards in ` +
          `${this.#places[other]!.url}.`,
      );
    this.#report = report;
    this.#description = runs[0]!;
    // The description is written before the first request.
    return { startedUs: Math.min(...runs.map(({ begunAt }) => begunAt)) * 1000 };
  }

  execute(order: DistributedOrder, watcher: Watcher): Execution {
    const from = { storage: firstOf(this.#places), description: this.#description!, report: this.#report! };
    return new Gathering(order, watcher, from);
  }

  async end(): Promise<void> {}
}

type Place = Pick<Storage, 'read' | 'url'>;

/** Several places as one. */
function firstOf(places: readonly Storage[]): Place {
  return {
    url: places.map(({ url }) => url).join(' or '),
    async read(name) {
      for (const place of places) {
        const found = await place.read(name);
        if (found !== null) return found;
      }
      return null;
    },
  };
}

/** The chunks of one request on their way home. */
class Gathering implements Execution {
  readonly finished: Promise<Executed>;
  readonly inFlight = 0;
  #isStopped = false;

  constructor(
    order: DistributedOrder,
    watcher: Watcher,
    from: { readonly storage: Place; readonly description: RunDescription; readonly report: Report },
  ) {
    this.finished = this.#run(order, watcher, from);
  }

  stop(): void {
    this.#isStopped = true;
  }

  abort(): void {
    this.#isStopped = true;
  }

  async #run(
    order: DistributedOrder,
    watcher: Watcher,
    from: { readonly storage: Place; readonly description: RunDescription; readonly report: Report },
  ): Promise<Executed> {
    await refuseOtherRows(from, order.planned);
    const { storage, description } = from;
    const { run, chunkRows } = description;
    const collector = new Collector({ storage, run }, order, watcher);
    const missing = new Set<number>();
    const chunks = Array.from({ length: Math.ceil(order.planned.count / chunkRows) }, (_, chunk) => chunk);
    const bring = async () => {
      for (let chunk = chunks.shift(); chunk !== undefined && !this.#isStopped; chunk = chunks.shift())
        if ((await collector.bring(chunk)) === null) missing.add(chunk);
    };
    await Promise.all(Array.from({ length: AT_ONCE }, bring));
    const executed = collector.executed(this.#isStopped);
    const gaps = this.#isStopped ? [] : await gapsIn(order, missing, chunkRows);
    return gaps.length === 0 ? executed : { ...executed, missing: missingText(order.request.name, gaps) };
  }
}

/** Neighbouring rows that are not there. */
interface Gap {
  readonly from: number;
  to: number;
}

async function gapsIn(
  order: DistributedOrder,
  missing: ReadonlySet<number>,
  chunkRows: number,
): Promise<readonly Gap[]> {
  const gaps: Gap[] = [];
  for await (const { chunk, rows } of order.chunks(chunkRows)) {
    if (!missing.has(chunk)) continue;
    for (const { index } of rows) {
      const last = gaps.at(-1);
      if (last?.to === index - 1) last.to = index;
      else gaps.push({ from: index, to: index });
    }
  }
  return gaps;
}

function missingText(request: string, gaps: readonly Gap[]): string {
  const rows = gaps.reduce((sum, { from, to }) => sum + to - from + 1, 0);
  const named = gaps.slice(0, MOST_NAMED).map(({ from, to }) => (from === to ? `${from}` : `${from}-${to}`));
  const more = gaps.length > MOST_NAMED ? ` and ${gaps.length - MOST_NAMED} more gaps` : '';
  return (
    `${rows} ${rows === 1 ? 'row' : 'rows'} of '${request}' ${rows === 1 ? 'was' : 'were'} fetched by no shard: ` +
    `${named.join(', ')}${more} (from 0). Run the shards that did not end again: they fetch only the missing rows.`
  );
}
