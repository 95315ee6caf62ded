import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  chunkRowsFor,
  describeRun,
  refuseUnshareable,
  type SharedRun,
  shareRun,
} from '../../chunks/index.ts';
import type { Execution, Watcher } from '../../execute/index.ts';
import { nowUs } from '../../record/index.ts';
import {
  type DistributedOrder,
  type DistributedRun,
  type Distribution,
  ReportError,
} from '../../report/index.ts';
import { openStorage, type Storage } from '../../storage/index.ts';
import { atTheBeginning, QueueError } from '../error.ts';
import { goodbye } from '../goodbye.ts';
import { Heartbeat } from '../heartbeat.ts';
import { ChunkQueue } from '../jobs/chunk-queue.ts';
import { ClockOffset } from '../ledger/clock.ts';
import { Ledger, type Member, type RunState } from '../ledger/ledger.ts';
import { amountsOf } from '../ledger/limits.ts';
import { CONCURRENCY } from '../ledger/shares.ts';
import { TIMINGS, type Timings } from '../ledger/timings.ts';
import { openServer } from '../servers/open.ts';
import type { QueueServer } from '../servers/server.ts';
import { Handing } from './handing.ts';
import { type Coordinator, keepPlace, leavePlace, takePlace } from './place.ts';

/** How a report is fetched by the workers of a queue. */
export interface QueueOptions {
  /** URL of the queue. */
  readonly queue: string;
  /** Where chunks are put; null: into the run's folder, for workers of this machine. */
  readonly parts: string | null;
  /** Of this abreast. */
  readonly version: string;
  /** The test server that this process has started for the report. */
  readonly testServer: string | null;
  /** Rows of a chunk. Default: by the report's limits. A run that is continued keeps those that it began with. */
  readonly chunkRows?: number;
  /** What people should know while the run goes on; and whether they may have to do something. */
  readonly tell: (text: string, isTrouble: boolean) => void;
}

/** A worker of the run, for a progress line. */
export type RunWorker = Pick<Member, 'id' | 'host' | 'pid' | 'inFlight' | 'done' | 'cannot'>;

/** A distribution over the workers of a queue. */
export interface QueueDistribution extends Distribution {
  /** The workers that fetch for the run now. */
  workers(): readonly RunWorker[];
  /** For a run that did not even begin. */
  close(): Promise<void>;
}

/** Connects to the queue. `timings`: shorter ones for tests. @throws QueueError */
export async function openDistribution(
  options: QueueOptions,
  timings: Timings = TIMINGS,
): Promise<QueueDistribution> {
  return new Distributor(await openServer(options.queue), options, timings);
}

class Distributor implements QueueDistribution {
  readonly #server: QueueServer;
  readonly #options: QueueOptions;
  readonly #timings: Timings;
  readonly #clock = new ClockOffset();
  readonly #queue: ChunkQueue;
  readonly #cannot = new Map<string, string>();
  #working: ReadonlyMap<string, Member> = new Map();
  #begun: Begun | null = null;
  #handing: Handing | null = null;
  #state: RunState | null = null;
  #wish: 'stop' | 'abort' | null = null;
  #beating: Heartbeat | null = null;

  constructor(server: QueueServer, options: QueueOptions, timings: Timings) {
    this.#server = server;
    this.#options = options;
    this.#timings = timings;
    this.#queue = new ChunkQueue(server);
  }

  workers(): readonly RunWorker[] {
    return [...this.#working.values()];
  }

  async begin(run: DistributedRun): Promise<{ startedUs: number }> {
    const { report, id, begunAt } = run;
    refuseUnshareable(report);
    const own = this.#options.parts === null ? join(run.folder, 'shared') : null;
    const storage = await openStorage(this.#options.parts ?? own!);
    await storage.probe();
    const { version, testServer, chunkRows = chunkRowsFor(report.limits, 1) } = this.#options;
    const ledger = new Ledger(this.#server.documents, id, this.#clock);
    const self: Coordinator = {
      id: `${hostname()}-${process.pid}-${randomUUID().slice(0, 8)}`,
      run: id,
      version,
      limits: amountsOf(report.limits),
    };
    await takePlace(ledger, self, this.#timings).catch((error) => {
      throw atTheBeginning(error, this.#server.address.shown);
    });
    this.#begun = {
      ledger,
      self,
      storage,
      own,
      shared: null,
      scratch: await mkdtemp(join(tmpdir(), 'abreast-coordinator-')),
    };
    const description = await shareRun(
      storage,
      await describeRun(report, {
        run: id,
        version,
        begunAt,
        testServer,
        chunkRows,
      }),
    );
    this.#begun.shared = { description, report, storage };
    this.#beating = new Heartbeat(
      () => this.#beat(),
      this.#timings.beatMs,
      (why) => this.#heard(why),
    );
    return { startedUs: begunAt * 1000 };
  }

  refuse({ name, lacksSecrets }: DistributedOrder['planned']): void {
    if (!lacksSecrets) return;
    throw new ReportError(
      `${this.#begun!.shared!.report.file}: rows of '${name}' have secret columns, and these never go through a queue or ` +
        'into the place of the parts. Use --shard, where each process reads them from their source.',
    );
  }

  execute(order: DistributedOrder, watcher: Watcher): Execution {
    const { shared, self, scratch } = this.#begun!;
    this.refuse(order.planned);
    this.#handing = new Handing(order, watcher, {
      shared: shared!,
      queue: this.#queue,
      worker: { id: self.id, host: hostname() },
      scratch,
      clock: this.#clock.at(nowUs()),
      server: this.#server.address.shown,
      lookMs: this.#timings.stalledMs,
      beatMs: this.#timings.beatMs,
      wish: (wish) => {
        this.#wish = wish;
      },
      tell: (text) => this.#options.tell(text, true),
    });
    return this.#handing;
  }

  async end(finished: boolean): Promise<void> {
    this.#beating?.stop();
    try {
      if (this.#begun !== null) await this.#leave(this.#begun, finished);
    } finally {
      await this.close();
    }
  }

  async close(): Promise<void> {
    this.#beating?.stop();
    const scratch = this.#begun?.scratch;
    await Promise.allSettled([
      this.#queue.close(),
      scratch === undefined ? null : rm(scratch, { recursive: true, force: true }),
    ]);
    await goodbye(this.#server.close());
  }

  /** Nothing is left of a run that went to its end, neither on the server nor at the place of its parts. */
  async #leave({ ledger, self, storage, own }: Begun, finished: boolean): Promise<void> {
    const wish = finished ? null : (this.#wish ?? 'stop');
    await goodbye(leavePlace(ledger, self, wish));
    if (!finished) return;
    if (own !== null) await rm(own, { recursive: true, force: true });
    else for await (const name of storage.list(`${self.run}/`)) await storage.remove(name);
  }

  /** Tells that it is there, hears what the workers tell, and passes both on. */
  async #beat(): Promise<void> {
    const { ledger, self } = this.#begun!;
    try {
      this.#state = await keepPlace(ledger, self, this.#timings, this.#wish ?? 'go on');
    } catch (error) {
      if (!(error instanceof QueueError)) throw error;
      this.#handing?.fail(error);
      return;
    }
    this.#hear(Object.values(this.#state.members), this.#state.coordinator!.seenUs);
  }

  #hear(members: readonly Member[], nowUs: number): void {
    this.#tellWhoCame(members, nowUs);
    for (const { id, host, pid, cannot } of members) {
      if (cannot !== null && this.#cannot.get(id) !== cannot)
        this.#options.tell(`worker ${pid} on ${host} can't work on this run: ${cannot}`, true);
      if (cannot === null) this.#cannot.delete(id);
      else this.#cannot.set(id, cannot);
    }
    this.#handing?.hear(members, nowUs);
  }

  /** A worker with a share counts until it leaves, or until it was silent for so long that its share is free. */
  #tellWhoCame(members: readonly Member[], nowUs: number): void {
    const now = new Map(
      members
        .filter(
          ({ id, cannot, holds }) =>
            cannot === null && (this.#working.has(id) || (holds[CONCURRENCY] ?? 0) > 0),
        )
        .map((member) => [member.id, member]),
    );
    const tell = ({ pid, host }: Member, what: string) =>
      this.#options.tell(`worker ${pid} on ${host} ${what}; ${now.size} now`, false);
    for (const [id, member] of now) if (!this.#working.has(id)) tell(member, 'fetches for this run');
    for (const [id, member] of this.#working) {
      if (now.has(id)) continue;
      const isSilent = nowUs - member.seenUs > 0.9 * this.#timings.silentMs * 1000;
      tell(
        member,
        isSilent ? `is gone: it was silent for ${Math.round(this.#timings.silentMs / 1000)} s` : 'has left',
      );
    }
    this.#working = now;
  }

  #heard(why: string | null): void {
    this.#handing?.away(why !== null);
    const { shown } = this.#server.address;
    this.#options.tell(
      why === null ? `${shown} is there again` : `${shown} ${why}; the run goes on when it is back`,
      true,
    );
  }
}

/** A run that has begun. */
interface Begun {
  readonly ledger: Ledger;
  readonly self: Coordinator;
  readonly storage: Storage;
  /** The place of the parts, where it is this run's alone; null: it has others in it. */
  readonly own: string | null;
  readonly scratch: string;
  shared: SharedRun | null;
}
