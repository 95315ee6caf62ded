import type { EngineRecord } from '../execute/index.ts';

type Connection = Extract<EngineRecord, { kind: 'connection' }>;
type ConnectionClosed = Extract<EngineRecord, { kind: 'connectionClosed' }>;
type Take = (record: EngineRecord) => void;

/** The record of an exchange comes at the latest soon after its connection is closed, so older ones need not be kept. */
const CLOSED_KEPT = 1000;

/**
 * The connections of an engine, whose exchanges go into several files: each file has the records of every connection
 * that its exchanges used, so that it needs no other file.
 */
export class Connections {
  readonly #opened = new Map<number, Connection>();
  readonly #closed: number[] = [];
  /** Closed connections whose end is in no file yet. */
  #untold: ConnectionClosed[] = [];
  /** The connections in each file that is being written. */
  readonly #files = new Map<Take, Set<number>>();

  opened(record: Connection): void {
    this.#opened.set(record.id, record);
  }

  closed(record: ConnectionClosed): void {
    const users = [...this.#files].filter(([, used]) => used.has(record.id));
    for (const [take] of users) take(record);
    if (users.length === 0) this.#untold.push(record);
    this.#closed.push(record.id);
    if (this.#closed.length > CLOSED_KEPT) this.#opened.delete(this.#closed.shift()!);
  }

  /** Call it before the record of an exchange: the record of its connection comes first. */
  usedBy(take: Take, id: number | null | undefined): void {
    if (typeof id === 'number') this.#tell(take, id);
  }

  /** Call it when the file has all its exchanges: connections that were closed between files go into it as well. */
  finish(take: Take): void {
    const untold = this.#untold;
    this.#untold = [];
    for (const record of untold) {
      this.#tell(take, record.id);
      take(record);
    }
    this.forget(take);
  }

  /** Nothing more goes into the file. */
  forget(take: Take): void {
    this.#files.delete(take);
  }

  #tell(take: Take, id: number): void {
    const used = this.#files.get(take) ?? new Set();
    this.#files.set(take, used);
    const record = this.#opened.get(id);
    if (used.has(id) || record === undefined) return;
    used.add(id);
    take(record);
  }
}
