import { Resolver as Cares } from 'node:dns';
import { isIPv6 } from 'node:net';
import type { Address, Family } from './address.ts';

/** What one question to DNS gave: addresses, how long they hold, or the error's code as c-ares names it. */
export interface DnsAnswer {
  readonly addresses: readonly Address[];
  /** Seconds; 0 when there are none. */
  readonly ttl: number;
  /** ENOTFOUND: no such name. ENODATA: a name without addresses of this family. */
  readonly error?: string;
}

/** How long an answer is waited for: past lost packets, and past a server that must itself ask far away. */
export const LONGEST_WAIT_MS = 8_000;

/**
 * Questions on one channel. It has one UDP socket, and Linux' default receive buffer holds some 200 answers that come
 * at once: of 1,000 questions on one socket, some answers are lost.
 */
const PER_CHANNEL = 100;

/**
 * One sending, whose answer may come as late as we wait at all. When c-ares sends a question again, it no longer
 * takes the answer to its first sending; so Query asks again, on its own account.
 */
const ONCE = { timeout: LONGEST_WAIT_MS, maxTimeout: LONGEST_WAIT_MS, tries: 1 };

/**
 * What c-ares says of a whole channel. One answer that can't be read ends every question on its socket (EBADRESP), and
 * so does a TCP connection that is closed early (ECONNREFUSED).
 */
const OF_CHANNEL: ReadonlySet<string> = new Set(['EBADRESP', 'ECONNREFUSED']);

/** One name server. c-ares repeats a truncated answer over TCP and follows CNAME chains. */
export class NameServer {
  readonly #server: string;
  #open: Channel;

  constructor(address: string, port: number) {
    this.#server = isIPv6(address) ? `[${address}]:${port}` : `${address}:${port}`;
    this.#open = new Channel(this.#server);
  }

  /**
   * Asks once for the addresses of a full name. `done` is called once, later.
   * @returns to be called when the answer is not waited for any more: `done` is not called then
   */
  ask(name: string, family: Family, done: (answer: DnsAnswer) => void): () => void {
    if (!this.#open.isOpen) this.#open = new Channel(this.#server);
    const channel = this.#open;
    let leave = channel.ask(name, family, (answer) => {
      const isOthersFault = channel.asked > 1 && OF_CHANNEL.has(answer.error ?? '');
      if (isOthersFault) leave = new Channel(this.#server).ask(name, family, done);
      else done(answer);
    });
    return () => leave();
  }
}

/** A channel of c-ares: questions that share a socket. */
class Channel {
  readonly #cares = new Cares(ONCE);
  readonly #wanted = new Set<object>();
  #hasHeard = false;
  asked = 0;

  constructor(server: string) {
    this.#cares.setServers([server]);
  }

  /**
   * Whether it takes further questions. Once it has heard answers, c-ares knows how fast the server is, and would wait
   * for an answer no longer than five times that.
   */
  get isOpen(): boolean {
    return !this.#hasHeard && this.asked < PER_CHANNEL;
  }

  ask(name: string, family: Family, done: (answer: DnsAnswer) => void): () => void {
    const question = {};
    this.asked++;
    this.#wanted.add(question);
    const answered = (
      error: NodeJS.ErrnoException | null,
      records: readonly { address: string; ttl: number }[] = [],
    ) => {
      this.#hasHeard = true;
      if (this.#wanted.delete(question)) done(error ? failure(error.code!) : answerOf(records, family));
    };
    if (family === 4) this.#cares.resolve4(name, { ttl: true }, answered);
    else this.#cares.resolve6(name, { ttl: true }, answered);
    return () => {
      if (this.#wanted.delete(question) && this.#wanted.size === 0) this.#cares.cancel();
    };
  }
}

/** An answer without addresses. */
export function failure(error: string): DnsAnswer {
  return { addresses: [], ttl: 0, error };
}

function answerOf(records: readonly { address: string; ttl: number }[], family: Family): DnsAnswer {
  if (records.length === 0) return failure('ENODATA');
  const addresses = records.map(({ address }) => ({ address, family }));
  return { addresses, ttl: Math.min(...records.map(({ ttl }) => ttl)) };
}
