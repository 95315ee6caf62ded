import http2 from 'node:http2';
import type { Socket } from 'node:net';
import { Body, type BodyMemory } from '../bodies/body.ts';
import { FetchError, failureOf } from '../errors.ts';
import type { ConnectionEvents, HttpConnection } from '../http-connection.ts';
import type { Job, Origin } from '../job.ts';
import { headLimits, headOf } from './head.ts';
import { watchEnd } from './stream-end.ts';

/** Streams opened before the server's SETTINGS arrive: the least that RFC 9113 §6.5.2 recommends to allow. */
const STREAMS_AT_FIRST = 100;
/** Streams on one connection, whatever more the server allows: one lost packet stops them all. */
const MOST_STREAMS = 1000;
/** Room for what is under way, per stream and in all: a window of 64 KiB would stop a body every round trip. */
const STREAM_WINDOW = 1024 * 1024;
const CONNECTION_WINDOW = 16 * 1024 * 1024;
/** A session that ends has so long to say so to the server. */
const GOODBYE_MS = 500;

const { NGHTTP2_REFUSED_STREAM, NGHTTP2_CANCEL, NGHTTP2_NO_ERROR, NGHTTP2_ENHANCE_YOUR_CALM } =
  http2.constants;

/** Who hears of an HTTP/2 connection. */
export interface Http2Events<Job> extends ConnectionEvents<Job> {
  /** The server said how many streams it takes on one connection. */
  streamsKnown(connection: HttpConnection<Job>, streams: number): void;
}

interface Flight {
  readonly stream: http2.ClientHttp2Stream;
  readonly end: { readonly isWhole: boolean };
  readonly body: Body;
}

/** One HTTP/2 connection: as many requests at once as the server allows. */
export class Http2Connection implements HttpConnection<Job> {
  readonly id: number;
  listed = false;
  /** The server says which streams it did not process (RFC 9113 §6.8). */
  readonly isNew = true;
  idleSince: number;
  #limit: number;
  #carried = 0;
  #open = true;
  /** Streams above this id were not processed (GOAWAY, RFC 9113 §6.8). */
  #lastProcessed = Number.POSITIVE_INFINITY;
  /** When an answer, or a part of one, came last. */
  #heardAt = Number.NEGATIVE_INFINITY;
  readonly #flights = new Map<Job, Flight>();
  readonly #socket: Socket;
  readonly #session: http2.ClientHttp2Session;
  readonly #origin: Origin;
  readonly #memory: BodyMemory;
  readonly #events: Http2Events<Job>;

  constructor(id: number, socket: Socket, origin: Origin, memory: BodyMemory, events: Http2Events<Job>) {
    this.id = id;
    this.idleSince = performance.now();
    this.#socket = socket;
    this.#origin = origin;
    this.#limit = origin.pool.streams ?? STREAMS_AT_FIRST;
    this.#memory = memory;
    this.#events = events;
    this.#session = http2.connect(origin.target.origin, {
      createConnection: () => socket,
      maxHeaderListPairs: headLimits.maxHeaderListPairs,
      settings: {
        enablePush: false,
        initialWindowSize: STREAM_WINDOW,
        maxHeaderListSize: headLimits.maxHeaderListSize,
      },
    });
    this.#session.once('connect', () => this.#session.setLocalWindowSize(CONNECTION_WINDOW));
    this.#session.on('remoteSettings', (settings) => this.#settled(settings));
    this.#session.on('goaway', (_code, lastProcessed) => {
      this.#open = false;
      this.#lastProcessed = lastProcessed;
    });
    // Each stream ends with an error of its own; what the session says comes on top.
    this.#session.on('error', () => {
      this.#open = false;
    });
    this.#session.once('close', () => {
      this.#open = false;
      events.closed(this);
    });
  }

  get room(): number {
    // A session that breaks is destroyed before it says so, and while its streams say it one after the other.
    if (!this.#open || this.#session.destroyed) return 0;
    return Math.max(0, this.#limit - this.#flights.size);
  }

  start(job: Job, now: number): void {
    job.connectionId = this.id;
    job.ordinal = this.#carried++;
    job.connectedAt = now;
    job.sentAt = now;
    this.idleSince = Number.NaN;
    let stream: http2.ClientHttp2Stream;
    this.#events.sent(now);
    try {
      stream = this.#session.request(this.#origin.heads.fields(job), { endStream: true });
    } catch (error) {
      this.#open = false;
      const lost = new FetchError('reset', 'the HTTP/2 connection ended before the request was sent', error);
      process.nextTick(() => this.#events.lost(job, lost, true, performance.now()));
      return;
    }
    const flight = { stream, end: watchEnd(stream), body: new Body(this.#memory) };
    this.#flights.set(job, flight);
    this.#listen(job, flight);
  }

  cancel(job: Job, error: FetchError): void {
    // Nothing was received since: the connection may be lost, which Node does not always notice.
    if (this.#heardAt < job.sentAt) this.#open = false;
    this.#fail(job, error, false);
  }

  destroy(): void {
    this.#open = false;
    this.#session.destroy();
    this.#hangUp();
  }

  /** When the kernel has refused a write (ECONNRESET), Node's session waits for its end for ever, and so does the socket. */
  #hangUp(): void {
    setTimeout(() => this.#socket.destroy(), GOODBYE_MS).unref();
  }

  #settled(settings: http2.Settings): void {
    this.#limit = Math.min(MOST_STREAMS, settings.maxConcurrentStreams ?? MOST_STREAMS);
    this.#events.streamsKnown(this, this.#limit);
  }

  #listen(job: Job, flight: Flight): void {
    const { stream, body } = flight;
    // A job may be on its next stream, of this same connection, before its last one has said all.
    const isOver = () => this.#flights.get(job) !== flight;
    stream.on('response', (fields, _flags, raw) => {
      if (isOver()) return;
      job.answeredAt = performance.now();
      job.readAt = job.answeredAt;
      this.#heardAt = job.answeredAt;
      this.#attempt(job, () => {
        job.head = headOf(fields, raw);
        const length = job.head.headers['content-length'];
        if (length !== undefined) body.expect(Number(length));
      });
    });
    stream.on('data', (chunk: Buffer) => {
      if (isOver()) return;
      job.readAt = performance.now();
      this.#heardAt = job.readAt;
      job.wireBytes += chunk.length;
      this.#attempt(job, () => body.add(chunk, 0, chunk.length));
      this.#waitForMemory(job, flight);
    });
    stream.on('end', () => isOver() || this.#ended(job, flight));
    stream.on('error', (error: NodeJS.ErrnoException) => isOver() || this.#broken(job, stream, error));
    stream.on('close', () => isOver() || this.#broken(job, stream, null));
  }

  /** The bodies of the run hold all the memory that they may: the server waits, by flow control (RFC 9113 §5.2). */
  #waitForMemory(job: Job, flight: Flight): void {
    if (!this.#memory.budget.isSpent) return;
    const { stream, body } = flight;
    const resume = () => {
      if (this.#flights.get(job) !== flight) return;
      job.resume(performance.now());
      stream.resume();
    };
    if (this.#flights.get(job) !== flight || !body.mustWait(resume)) return;
    job.pause(performance.now());
    stream.pause();
  }

  #attempt(job: Job, step: () => void): void {
    try {
      step();
    } catch (error) {
      this.#fail(job, failureOf(error), false);
    }
  }

  #ended(job: Job, { stream, end, body }: Flight): void {
    // A stream that was reset ends too; its 'close' says so.
    if (job.head === null || stream.rstCode !== NGHTTP2_NO_ERROR || !end.isWhole) return;
    const now = performance.now();
    job.readAt = now;
    this.#land(job, now);
    this.#events.delivered(this, job, body, now);
  }

  #broken(job: Job, stream: http2.ClientHttp2Stream, error: NodeJS.ErrnoException | null): void {
    const unheard =
      stream.rstCode === NGHTTP2_REFUSED_STREAM ||
      (stream.id ?? 0) > this.#lastProcessed ||
      stream.id === undefined;
    this.#fail(job, streamError(job, stream, error), unheard);
  }

  #fail(job: Job, error: FetchError, unheard: boolean): void {
    const flight = this.#flights.get(job);
    if (flight === undefined) return;
    const now = performance.now();
    this.#land(job, now);
    flight.body.release();
    if (!flight.stream.closed) flight.stream.close(NGHTTP2_CANCEL);
    this.#events.lost(job, error, unheard, now);
    this.#events.roomier(this);
  }

  #land(job: Job, now: number): void {
    this.#flights.delete(job);
    if (this.#flights.size === 0) this.idleSince = now;
    // After GOAWAY the last answer ends the connection.
    if (this.#flights.size > 0 || this.#open) return;
    this.#session.close();
    this.#hangUp();
  }
}

function streamError(
  job: Job,
  stream: http2.ClientHttp2Stream,
  error: NodeJS.ErrnoException | null,
): FetchError {
  if (stream.rstCode === NGHTTP2_REFUSED_STREAM)
    return new FetchError('protocol', 'the server refused the stream (REFUSED_STREAM)');
  const code = error?.code ?? '';
  const declared = Number(job.head?.headers['content-length'] ?? Number.NaN);
  if (job.head !== null && job.wireBytes < declared)
    return new FetchError(
      'body-truncated',
      `the body is not as long as its content-length: ${job.wireBytes} of ${declared} bytes came before it broke off`,
      error,
    );
  if (code === 'ECONNRESET' || code === 'EPIPE' || error === null)
    return new FetchError(
      'reset',
      'the server ended the stream before its answer was whole',
      error ?? undefined,
    );
  if (stream.rstCode === NGHTTP2_ENHANCE_YOUR_CALM)
    return new FetchError(
      'protocol',
      'the stream was closed with ENHANCE_YOUR_CALM: the server asks for fewer requests, or the head of its answer is far too long',
      error,
    );
  // nghttp2 gives up the connection, and does not say which answer it was.
  if (error.message.includes('CONTINUATION'))
    return new FetchError(
      'protocol',
      `the HTTP/2 connection was given up, as the head of an answer on it is far too long (${error.message})`,
      error,
    );
  return new FetchError('protocol', `HTTP/2: ${error.message}`, error);
}
