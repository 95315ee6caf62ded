import type { Storage } from '../../storage/index.ts';
import type { RunResult } from '../contract.ts';
import type { Asked } from './event.ts';

/**
 * Which invocation may carry on a run. Lambda ends an invocation at its deadline, whatever it does: until then, the run is its own, and
 * nobody has to renew anything. Each lease is a file of its own, written once: of two invocations that want the next one, one
 * gets it.
 *
 * - While an invocation holds the run, an event with the same turn, or a later one, is to come again later: the holder
 *   may be killed, and then the event is all that carries the run on. An event of an earlier turn is out of date.
 * - While no invocation holds it, the next one takes it, unless the run is over.
 */
export type Taken =
  | { readonly kind: 'taken'; readonly lease: Lease }
  /** `forMs`: until the one that holds it can't be alive any more. */
  | { readonly kind: 'busy'; readonly forMs: number }
  /** The event is out of date: another invocation holds the run, for a later one. */
  | { readonly kind: 'stale'; readonly forMs: number }
  | { readonly kind: 'over'; readonly result: RunResult };

/** The clocks of two invocations differ by less. */
const CLOCKS_MS = 5000;

interface Held {
  /** The turn of the event that it was taken for. */
  readonly event: number;
  readonly requestId: string;
  /** Unix epoch, milliseconds. */
  readonly untilMs: number;
}

/** How an invocation gave a run back. */
interface Ended {
  readonly result: RunResult | null;
}

/** Exit codes from here on: the run ended before it had done what it was for (wrong SQL, given up). What it fetched is there. */
const CAN_GO_ON = 2;

/** Takes a run for this invocation. @throws StorageError */
export async function takeLease(
  storage: Storage,
  { run, turn, byName }: Asked,
  { requestId, untilMs }: Omit<Held, 'event'>,
): Promise<Taken> {
  const last = await lastTurn(storage, run);
  const ended = last === 0 ? null : await readJson<Ended>(storage, endName(run, last));
  if (ended?.result && !(byName && ended.result.exitCode >= CAN_GO_ON))
    return { kind: 'over', result: ended.result };
  const held = last === 0 || ended !== null ? null : await readJson<Held>(storage, turnName(run, last));
  const forMs = held === null ? 0 : held.untilMs + CLOCKS_MS - Date.now();
  if (held !== null && forMs > 0) return { kind: turn < held.event ? 'stale' : 'busy', forMs };
  const lease = new Lease(storage, run, last + 1);
  const taken = await storage.writeOnce(
    turnName(run, lease.turn),
    asJson({ event: turn, requestId, untilMs } satisfies Held),
  );
  return taken ? { kind: 'taken', lease } : { kind: 'busy', forMs: CLOCKS_MS };
}

/** A run that this invocation holds until its deadline. */
export class Lease {
  /** From 1: each lease has the next one. */
  readonly turn: number;
  readonly #storage: Storage;
  readonly #run: string;

  constructor(storage: Storage, run: string, turn: number) {
    this.#storage = storage;
    this.#run = run;
    this.turn = turn;
  }

  /** Lets go of the run. `result`: what came of it, where it is over; null: it is to be carried on. @throws StorageError */
  async end(result: RunResult | null): Promise<void> {
    await this.#storage.writeOnce(endName(this.#run, this.turn), asJson({ result } satisfies Ended));
  }
}

async function lastTurn(storage: Storage, run: string): Promise<number> {
  let last = 0;
  for await (const name of storage.list(`${run}/turns/`))
    last = Number(/(\d+)(?:-end)?\.json$/.exec(name)?.[1] ?? last);
  return last;
}

function turnName(run: string, turn: number): string {
  return `${run}/turns/${String(turn).padStart(6, '0')}.json`;
}

function endName(run: string, turn: number): string {
  return turnName(run, turn).replace('.json', '-end.json');
}

function asJson(value: object): Buffer {
  return Buffer.from(`${JSON.stringify(value)}\n`);
}

async function readJson<Value>(storage: Storage, name: string): Promise<Value | null> {
  const bytes = await storage.read(name);
  return bytes === null ? null : (JSON.parse(Buffer.concat(await bytes.toArray()).toString()) as Value);
}
