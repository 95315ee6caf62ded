import { Resolver as CaresChannel } from 'node:dns';
import { isIPv6 } from 'node:net';
import { Fifo } from '../queue/fifo.ts';
import type { Address, Family } from './address.ts';

/** What one question to DNS gave: addresses, how long they hold, or the error's code as c-ares names it. */
export interface Answer {
  readonly addresses: readonly Address[];
  /** Seconds; 0 when there are none. */
  readonly ttl: number;
  /** ENOTFOUND: no such name. ENODATA: a name without addresses of this family. */
  readonly error?: string;
}

/**
 * Questions under way on one channel. A channel is one UDP socket, and Linux' default receive buffer holds some
 * 200 answers that come at once: from 1,000 questions on one socket some are lost and wait for their retry.
 */
const PER_CHANNEL = 200;
const MAX_CHANNELS = 8;

/**
 * The first wait for an answer is 250 ms (once c-ares has measured the server, five times its mean and no less),
 * and each further one twice as long up to 2 s: 8 s in all, which reaches past lost packets and past a server that
 * must itself ask far away. Node looks for what is overdue only once in `timeout`, so a longer one is twice as long.
 */
const RETRY = { timeout: 250, tries: 6, maxTimeout: 2_000 };

/** Answers that only say that this server can't tell. c-ares as Node sets it up does not go on to the next server then. */
const ASK_ANOTHER = new Set(['ESERVFAIL', 'EREFUSED', 'ENOTIMP', 'EFORMERR', 'EBADRESP']);

interface Channel {
  readonly cares: CaresChannel;
  underWay: number;
}

interface Question {
  readonly name: string;
  readonly family: Family;
  readonly done: (answer: Answer) => void;
  /** Where it counts as under way. */
  channel: Channel | null;
}

/**
 * Questions to name servers by c-ares: no thread is held, so thousands may be under way; the rest queue. c-ares
 * takes a truncated answer again over TCP, follows CNAME chains, and goes to the next server when one is silent.
 */
export class Channels {
  readonly #servers: readonly string[];
  readonly #channels: Channel[] = [];
  readonly #queue = new Fifo<Question>();
  /** Asks the servers that follow the first, when the first can't tell. */
  #next: Channels | undefined;

  /** @param servers address and port, as serverAt() writes them; first choice first */
  constructor(servers: readonly string[]) {
    this.#servers = servers;
  }

  /**
   * Asks for the addresses of a full name. `done` is called once, later.
   * @returns to be called when the answer is not waited for any more: it makes room for another question
   */
  ask(name: string, family: Family, done: (answer: Answer) => void): () => void {
    const question: Question = { name, family, done, channel: null };
    const channel = this.#free();
    if (channel) this.#send(channel, question);
    else this.#queue.push(question);
    return () => this.#release(question);
  }

  /** Gives up whatever is under way: each question ends with ECANCELLED. */
  close(): void {
    const waiting = this.#queue.take(() => true);
    for (const channel of this.#channels) channel.cares.cancel();
    for (const { done } of waiting) done({ addresses: [], ttl: 0, error: 'ECANCELLED' });
    this.#next?.close();
  }

  #free(): Channel | undefined {
    for (const channel of this.#channels) if (channel.underWay < PER_CHANNEL) return channel;
    if (this.#channels.length === MAX_CHANNELS) return undefined;
    const cares = new CaresChannel(RETRY);
    cares.setServers(this.#servers);
    const channel: Channel = { cares, underWay: 0 };
    this.#channels.push(channel);
    return channel;
  }

  #send(channel: Channel, question: Question): void {
    channel.underWay++;
    question.channel = channel;
    const { name, family } = question;
    const answered = (
      error: NodeJS.ErrnoException | null,
      records?: readonly { address: string; ttl: number }[],
    ) => {
      this.#release(question);
      this.#take(question, error, records ?? []);
    };
    if (family === 4) channel.cares.resolve4(name, { ttl: true }, answered);
    else channel.cares.resolve6(name, { ttl: true }, answered);
  }

  #release(question: Question): void {
    const { channel } = question;
    if (channel === null) return;
    question.channel = null;
    channel.underWay--;
    const next = this.#queue.shift();
    if (next) this.#send(channel, next);
  }

  #take(
    { name, family, done }: Question,
    error: NodeJS.ErrnoException | null,
    records: readonly { address: string; ttl: number }[],
  ): void {
    if (error) {
      const code = error.code ?? 'EFORMERR';
      if (ASK_ANOTHER.has(code) && this.#servers.length > 1) {
        this.#next ??= new Channels(this.#servers.slice(1));
        this.#next.ask(name, family, done);
      } else done({ addresses: [], ttl: 0, error: code });
      return;
    }
    let ttl = Number.POSITIVE_INFINITY;
    const addresses = records.map((record) => {
      ttl = Math.min(ttl, record.ttl);
      return { address: record.address, family };
    });
    if (addresses.length > 0) done({ addresses, ttl });
    else done({ addresses, ttl: 0, error: 'ENODATA' });
  }
}

/** A name server with its port. */
export function serverAt(address: string, port: number): string {
  return isIPv6(address) ? `[${address}]:${port}` : `${address}:${port}`;
}
