import type { Clock, Worker } from '../../chunks/index.ts';
import type { Member } from '../ledger/ledger.ts';

/** The workers whose records the proof is made of, and how well their times agree. */
export class WhoFetched {
  /** Machines, by the ids of the workers. */
  readonly #machines = new Map<string, string>();
  readonly #clocks = new Map<string, Clock>();

  hear(members: readonly Member[]): void {
    for (const { id, clock } of members) if (clock !== null) this.#clocks.set(id, clock);
  }

  /** A chunk of this worker was brought home. */
  add({ id, host }: Worker): void {
    this.#machines.set(id, host);
  }

  /** `server`: the one whose clock all have compared theirs with. */
  notes(request: string, server: string): readonly string[] {
    if (this.#machines.size === 0) return [];
    const machines = new Set(this.#machines.values()).size;
    const errors = [...this.#machines.keys()].flatMap((id) => this.#clocks.get(id)?.errorUs ?? []);
    const who = `${request}: fetched by ${counted(this.#machines.size, 'worker')} on ${counted(machines, 'machine')}`;
    if (errors.length === 0) return [who];
    const ms = Math.max(0.1, Math.max(...errors) / 1000).toFixed(1);
    return [`${who}; times are by the clock of ${server}, to which their clocks are known within ${ms} ms`];
  }
}

function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`;
}
