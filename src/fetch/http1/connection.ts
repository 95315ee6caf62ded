import type { Socket } from 'node:net';
import type { BodyMemory } from '../bodies/body.ts';
import { FetchError, failureOf } from '../errors.ts';
import type { ConnectionEvents, HttpConnection } from '../http-connection.ts';
import type { Job, Origin } from '../job.ts';
import { handshakeError } from '../open/tls-error.ts';
import type { Target } from '../target.ts';
import { type LastHead, ResponseReader } from './reader.ts';

/** One HTTP/1.1 connection: one request at a time, kept alive as long as both sides like. */
export class Http1Connection implements HttpConnection<Job> {
  readonly id: number;
  idleSince = Number.NaN;
  listed = false;
  #job: Job | null = null;
  #open = true;
  #carried = 0;
  readonly #socket: Socket;
  readonly #reader: ResponseReader;
  readonly #origin: Origin;
  readonly #events: ConnectionEvents<Job>;

  constructor(
    id: number,
    socket: Socket,
    origin: Origin,
    last: LastHead,
    memory: BodyMemory,
    events: ConnectionEvents<Job>,
  ) {
    this.id = id;
    this.#socket = socket;
    this.#origin = origin;
    this.#reader = new ResponseReader(last, memory);
    this.#events = events;
    socket.on('end', () => this.#ended());
    socket.on('error', (error: NodeJS.ErrnoException) => this.#failed(brokenBy(error, origin.target)));
    socket.on('close', () => this.#closed());
  }

  get room(): number {
    return this.#open && this.#job === null ? 1 : 0;
  }

  get isNew(): boolean {
    return this.#carried === 0;
  }

  start(job: Job, now: number): void {
    this.#job = job;
    this.idleSince = Number.NaN;
    this.#reader.begin();
    job.connectionId = this.id;
    job.ordinal = this.#carried++;
    job.connectedAt = now;
    job.sentAt = now;
    this.#events.sent(now);
    this.#socket.write(this.#origin.heads.text(job), 'latin1');
  }

  /** Takes bytes from the socket; they may be overwritten after the call. */
  receive(chunk: Buffer): void {
    const job = this.#job;
    if (job === null) {
      // An answer without a request: its bytes could be mistaken for the next answer.
      this.destroy();
      return;
    }
    const now = performance.now();
    if (Number.isNaN(job.answeredAt)) job.answeredAt = now;
    job.readAt = now;
    let whole: boolean;
    try {
      whole = this.#reader.push(chunk);
    } catch (error) {
      this.#failed(failureOf(error));
      return;
    }
    if (whole) this.#deliver(job, now);
    else if (this.#reader.body.mustWait(this.#resume)) this.#pause(job, now);
  }

  cancel(_job: Job, error: FetchError): void {
    this.#failed(error);
  }

  destroy(): void {
    this.#open = false;
    this.#socket.destroy();
  }

  /** The bodies of the run hold all the memory that they may: the server waits. */
  #pause(job: Job, now: number): void {
    job.pause(now);
    this.#socket.pause();
  }

  readonly #resume = (): void => {
    this.#job?.resume(performance.now());
    this.#socket.resume();
  };

  #deliver(job: Job, now: number): void {
    const reader = this.#reader;
    job.head = reader.head;
    job.wireBytes = reader.wireBytes;
    this.#job = null;
    this.idleSince = now;
    if (!reader.head!.keepAlive || reader.excess) this.destroy();
    this.#events.delivered(this, job, reader.body, now);
  }

  #ended(): void {
    const job = this.#job;
    this.#open = false;
    if (job === null) {
      this.#socket.destroy();
      return;
    }
    const now = performance.now();
    try {
      this.#reader.end();
    } catch (error) {
      this.#failed(failureOf(error));
      return;
    }
    job.readAt = now;
    this.#deliver(job, now);
    this.#socket.destroy();
  }

  #failed(error: FetchError): void {
    const job = this.#job;
    this.#job = null;
    this.destroy();
    if (job === null) return;
    job.head = this.#reader.head;
    job.wireBytes = this.#reader.wireBytes;
    this.#reader.body.release();
    // A request that died on a kept-alive connection before a byte came was most likely never seen.
    const unheard = error.code === 'reset' && job.ordinal > 0 && Number.isNaN(job.answeredAt);
    this.#events.lost(job, error, unheard, performance.now());
  }

  #closed(): void {
    if (this.#job !== null)
      this.#failed(new FetchError('reset', 'the connection was closed before the answer came'));
    this.#events.closed(this);
  }
}

/** What a socket's error means to a request on it. */
function brokenBy(error: NodeJS.ErrnoException, target: Target): FetchError {
  // In TLS 1.3 a server says only after the handshake that it does not accept who we are.
  if (error.code?.startsWith('ERR_SSL_')) return handshakeError(error, target);
  const what =
    error.code === 'ECONNRESET' || error.code === 'EPIPE'
      ? 'the server reset the connection before its answer was whole'
      : `the connection broke: ${error.message}`;
  return new FetchError('reset', what, error);
}
