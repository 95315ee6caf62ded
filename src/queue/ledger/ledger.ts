import { setTimeout as sleep } from 'node:timers/promises';
import type { Clock } from '../../chunks/index.ts';
import { nowUs } from '../../record/index.ts';
import type { Document, Documents } from '../servers/documents.ts';
import type { ClockOffset } from './clock.ts';
import type { Amounts } from './shares.ts';

/** What the processes of a run know about each other. It is small, since each process reads and writes it about once a second. */
export interface RunState {
  readonly format: 1;
  /** Of the abreast that began the run. */
  readonly version: string;
  /** Of the run as a whole. */
  readonly limits: Amounts;
  readonly wish: 'go on' | 'stop' | 'abort';
  readonly coordinator: Seen | null;
  readonly members: Readonly<Record<string, Member>>;
  /**
   * When the coordinator made the document again, because the server had lost it: what the members hold is in it only when
   * each of them has written once more. The server's clock, Unix epoch in microseconds.
   */
  readonly lostUs?: number;
  /** Origins that asked for a pause, and its end by the server's clock, in microseconds. */
  readonly pauses: Readonly<Record<string, number>>;
}

/** A process, and when it wrote last. */
export interface Seen {
  readonly id: string;
  readonly host: string;
  readonly pid: number;
  /** The server's clock, Unix epoch in microseconds. */
  readonly seenUs: number;
}

/** A worker of the run. */
export interface Member extends Seen {
  readonly version: string;
  /** GETs sent and not read. */
  readonly inFlight: number;
  /** Rows done, of this run. */
  readonly done: number;
  /** Its chunks, and their rows that are not done. */
  readonly chunks: number;
  readonly pending: number;
  /** Chunks whose files it has written lately, by the ids of their jobs. */
  readonly finished: readonly string[];
  readonly wants: number;
  readonly holds: Amounts;
  /** Why it can't work on this run; null: it can. */
  readonly cannot: string | null;
  /** How far the server's clock is ahead of its own; null: not measured yet. */
  readonly clock: Clock | null;
}

/** The new state of the document; undefined: it stays as it is. */
export interface Change<Result> {
  readonly state?: RunState | null;
  readonly result: Result;
}

/** The document of one run, as one process reads and changes it. */
export class Ledger {
  readonly #documents: Documents;
  readonly #name: string;
  readonly #clock: ClockOffset;

  /** `clock` learns from each reading how far the server's clock is ahead. */
  constructor(documents: Documents, run: string, clock: ClockOffset) {
    this.#documents = documents;
    this.#name = `run:${run}`;
    this.#clock = clock;
  }

  async read(): Promise<{ readonly state: RunState | null; readonly nowUs: number }> {
    const document = await this.#read();
    return { state: stateOf(document), nowUs: document.nowUs };
  }

  /** Changes it atomically: if another process was faster, `change` is called again. */
  async change<Result>(change: (state: RunState | null, nowUs: number) => Change<Result>): Promise<Result> {
    for (;;) {
      const document = await this.#read();
      const { state, result } = change(stateOf(document), document.nowUs);
      if (state === undefined) return result;
      const text = state === null ? null : JSON.stringify(state);
      if (await this.#documents.replace(this.#name, document, text)) return result;
      await sleep(Math.random() * 20);
    }
  }

  async #read(): Promise<Document> {
    const beforeUs = nowUs();
    const document = await this.#documents.read(this.#name);
    this.#clock.measured(beforeUs, document.nowUs, nowUs());
    return document;
  }
}

/** The state without the members that are out because they were silent, and without pauses that are over. */
export function withoutSilent(state: RunState, nowUs: number, silentMs: number): RunState {
  const members = Object.entries(state.members).filter(([, { seenUs }]) => nowUs - seenUs < silentMs * 1000);
  const pauses = Object.entries(state.pauses).filter(([, untilUs]) => untilUs > nowUs);
  return { ...state, members: Object.fromEntries(members), pauses: Object.fromEntries(pauses) };
}

function stateOf({ text }: Document): RunState | null {
  return text === null ? null : (JSON.parse(text) as RunState);
}
