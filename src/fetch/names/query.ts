import type { Family } from './address.ts';
import { type DnsAnswer, failure, LONGEST_WAIT_MS, type NameServer } from './name-server.ts';

/** The longest wait before the question is sent again. */
const LONGEST_INTERVAL_MS = 1_000;

/** Answers that only say that this server can't tell. */
const CANT_TELL: ReadonlySet<string> = new Set([
  'ESERVFAIL',
  'EREFUSED',
  'ENOTIMP',
  'EFORMERR',
  'EBADRESP',
  'ECONNREFUSED',
]);

export interface QueryOptions {
  readonly name: string;
  readonly family: Family;
  /** At least one. */
  readonly servers: readonly NameServer[];
  /** Which of them is asked first. */
  readonly first: number;
  /** How long the first answer is waited for before the question is sent again; each round over the servers doubles it. */
  readonly intervalMs: number;
  /** Called once, later. `by`: the server that answered, null when none did. */
  readonly done: (answer: DnsAnswer, by: number | null) => void;
}

/**
 * One question to name servers, until one of them answers. While no answer comes it is sent again, to the next server
 * where there is one. An answer to any of the sendings counts, however late it is: a server that takes 600 ms costs
 * 600 ms.
 */
export class Query {
  readonly #options: QueryOptions;
  readonly #giveUpAt = performance.now() + LONGEST_WAIT_MS;
  /** Servers that said that they can't tell. */
  readonly #failed = new Set<number>();
  #failure = failure('ETIMEOUT');
  #sendings = 0;
  #latest = -1;
  #timer: NodeJS.Timeout | undefined;
  readonly #leave: (() => void)[] = [];

  /** Sends the question at once. */
  constructor(options: QueryOptions) {
    this.#options = options;
    this.#send();
  }

  /** Ends it without calling `done`. */
  cancel(): void {
    clearTimeout(this.#timer);
    for (const leave of this.#leave) leave();
  }

  #send(): void {
    clearTimeout(this.#timer);
    const { servers, intervalMs, name, family } = this.#options;
    const leftMs = this.#giveUpAt - performance.now();
    if (leftMs <= 0) {
      this.#end(this.#failure, null);
      return;
    }
    const round = Math.floor(this.#sendings / servers.length);
    const server = this.#nextServer();
    this.#latest = server;
    this.#sendings++;
    this.#timer = setTimeout(
      () => this.#send(),
      Math.min(intervalMs * 2 ** round, LONGEST_INTERVAL_MS, leftMs),
    );
    this.#leave.push(servers[server]!.ask(name, family, (answer) => this.#take(server, answer)));
  }

  #nextServer(): number {
    const { servers, first } = this.#options;
    let server = (first + this.#sendings) % servers.length;
    while (this.#failed.has(server)) server = (server + 1) % servers.length;
    return server;
  }

  #take(server: number, answer: DnsAnswer): void {
    if (answer.error === 'ETIMEOUT') return;
    if (!CANT_TELL.has(answer.error ?? '')) {
      this.#end(answer, server);
      return;
    }
    this.#failed.add(server);
    this.#failure = answer;
    if (this.#failed.size === this.#options.servers.length) this.#end(answer, server);
    else if (server === this.#latest) this.#send();
  }

  #end(answer: DnsAnswer, by: number | null): void {
    this.cancel();
    this.#options.done(answer, by);
  }
}
