import { Fifo } from '../fifo.ts';
import type { Family } from './address.ts';
import { type DnsAnswer, failure, NameServer } from './name-server.ts';
import { Query } from './query.ts';

/** Questions under way; the rest queue. */
const MAX_UNDER_WAY = 1_600;
/** The shortest wait before a question is sent again. */
const SHORTEST_INTERVAL_MS = 250;
/** When the server that is asked first was slower than another so often in a row, that one is asked first. */
const DOUBTED_AFTER = 3;

interface Question {
  readonly name: string;
  readonly family: Family;
  readonly done: (answer: DnsAnswer) => void;
  /** null while it waits for its turn. */
  query: Query | null;
  /** Its answer is no longer needed. */
  isLeft: boolean;
}

/** The name servers of this host. No thread is held, so many questions may be under way. */
export class NameServers {
  readonly #servers: readonly NameServer[];
  readonly #underWay = new Set<Question>();
  readonly #queue = new Fifo<Question>();
  /** Which server is asked first. */
  #first = 0;
  /** How often in a row another one answered instead. */
  #missed = 0;
  /** How long its answers take: a mean in which a new one counts for an eighth (as TCP's SRTT, RFC 6298). */
  #usualMs = 0;

  /** @param addresses first choice first; at least one */
  constructor(addresses: readonly string[], port: number) {
    this.#servers = addresses.map((address) => new NameServer(address, port));
  }

  /**
   * Asks for the addresses of a full name. `done` is called once, later.
   * @returns to be called when the answer is not waited for any more: it makes room for another question
   */
  ask(name: string, family: Family, done: (answer: DnsAnswer) => void): () => void {
    const question: Question = { name, family, done, query: null, isLeft: false };
    if (this.#underWay.size < MAX_UNDER_WAY) this.#start(question);
    else this.#queue.push(question);
    return () => this.#leave(question);
  }

  /** Gives up whatever is under way: each question ends with ECANCELLED. */
  close(): void {
    const all = [...this.#underWay, ...this.#queue.take(() => true)].filter(({ isLeft }) => !isLeft);
    this.#underWay.clear();
    for (const { query, done } of all) {
      query?.cancel();
      done(failure('ECANCELLED'));
    }
  }

  #start(question: Question): void {
    this.#underWay.add(question);
    const { name, family } = question;
    const startedAt = performance.now();
    const first = this.#first;
    question.query = new Query({
      name,
      family,
      servers: this.#servers,
      first,
      intervalMs: Math.max(SHORTEST_INTERVAL_MS, 2 * this.#usualMs),
      done: (answer, by) => {
        this.#learn(first, by, performance.now() - startedAt);
        this.#end(question);
        question.done(answer);
      },
    });
  }

  #learn(first: number, by: number | null, afterMs: number): void {
    if (by === null || first !== this.#first) return;
    if (by === first) {
      this.#missed = 0;
      this.#usualMs += (afterMs - this.#usualMs) / 8;
    } else if (++this.#missed === DOUBTED_AFTER) {
      this.#first = by;
      this.#missed = 0;
      this.#usualMs = 0;
    }
  }

  #leave(question: Question): void {
    question.isLeft = true;
    question.query?.cancel();
    this.#end(question);
  }

  #end(question: Question): void {
    if (!this.#underWay.delete(question)) return;
    let next = this.#queue.shift();
    while (next?.isLeft) next = this.#queue.shift();
    if (next !== undefined) this.#start(next);
  }
}
