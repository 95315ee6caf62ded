import type { Exchange } from '../../../trace/index.ts';
import type { Stream } from './http2-records.ts';
import type { Recording } from './recording.ts';

/** What is known of a request when it is sent. */
interface Request {
  readonly method?: string;
  readonly origin: string;
  readonly url?: string;
}

/** When the opening of a connection began, and when it could carry a request. */
interface Opening {
  readonly beganUs: number;
  readonly readyUs: number | null;
}

interface Open extends Request {
  readonly ordinal: number;
  readonly thread: number;
  readonly sentUs: number;
  /** When each call that wrote it began. */
  readonly writesUs: number[];
  bytesUp: number;
  bytesDown: number;
  answeredUs: number | null;
  readUs: number | null;
  status: number | null;
  readonly estimated: string[];
}

/** The exchanges of one connection, oldest first; each is written when its end is known. */
export class Exchanges {
  readonly #recording: Recording;
  readonly #connection: number;
  readonly #pid: number;
  readonly #announce: () => Opening;
  readonly #open: Open[] = [];
  /** While it is not known whether these are exchanges at all. */
  #held: Open[] | null = null;
  #count = 0;
  /** The thread of the call that is being read. */
  thread = 0;
  noDelay = false;
  /** What ends those that are not answered when the connection closes. */
  error = CLOSED;

  /** @param announce writes the connection's record if it is not written yet, and tells of its opening */
  constructor(recording: Recording, connection: number, pid: number, announce: () => Opening) {
    this.#recording = recording;
    this.#connection = connection;
    this.#pid = pid;
    this.#announce = announce;
  }

  /** Whether the next bytes sent begin a request, judged by the order alone. */
  get idle(): boolean {
    return this.#open.every((each) => each.answeredUs !== null);
  }

  /** The connection is used again: what was answered on it is read. */
  endAnswered(): void {
    while (this.#open.length > 0 && this.#open[0]!.readUs !== null) this.#write(this.#open.shift()!);
  }

  begin(atUs: number, request: Request): void {
    const sent = { ...request, ordinal: this.#count++, thread: this.thread, sentUs: atUs };
    this.#open.push({
      ...sent,
      writesUs: [atUs],
      bytesUp: 0,
      bytesDown: 0,
      answeredUs: null,
      readUs: null,
      status: null,
      estimated: [],
    });
    const place = { id: 0, pid: this.#pid, connection: this.#connection };
    this.#recording.listener?.sent({ kind: 'exchange', ...place, ...sent });
  }

  sent(atUs: number, bytes: number): void {
    const last = this.#open.at(-1);
    if (last === undefined) return;
    last.bytesUp += bytes;
    if (last.writesUs.at(-1) !== atUs && last.writesUs.length < 3) last.writesUs.push(atUs);
  }

  answer(atUs: number, bytes: number, estimated: boolean, status?: number): void {
    const first = this.#open[0];
    if (first === undefined) return;
    if (first.answeredUs === null) {
      first.answeredUs = atUs;
      if (estimated) first.estimated.push('answeredUs');
    }
    if (status !== undefined) first.status = status;
    first.readUs = atUs;
    first.bytesDown += bytes;
  }

  /** The answer to the oldest is complete. */
  end(atUs: number, estimated: boolean): void {
    const first = this.#open.shift();
    if (first !== undefined) this.#write({ ...(estimated ? guessed(first) : first), readUs: atUs });
  }

  /**
   * The connection has ended: what is answered is read, what is not has failed.
   * @param left with its process: then what is not answered was only cut off
   */
  closed(atUs: number, left: boolean): void {
    this.release();
    const end = left && this.error === CLOSED ? { failedUs: atUs } : { failedUs: atUs, error: this.error };
    for (const each of this.#open.splice(0))
      this.#write(left ? guessed(each) : each, isPartlyRead(each) ? { unread: true } : end);
  }

  /** The recording ends: what is not answered may still be. */
  left(): void {
    this.release();
    for (const each of this.#open.splice(0)) this.#write(guessed(each));
  }

  hold(): void {
    this.#held ??= [];
  }

  release(): void {
    const held = this.#held ?? [];
    this.#held = null;
    for (const each of held) this.#write(each);
  }

  /** They were no exchanges. */
  forget(): void {
    this.#held = null;
    this.#open.length = 0;
    this.#count = 0;
    this.#recording.listener?.forgotten(this.#connection);
  }

  /** Writes the exchanges of HTTP/2 that the lengths and times of TLS records show. */
  estimate(origin: string, streams: readonly Stream[]): void {
    for (const { sentUs, answeredUs, readUs, bytesUp, bytesDown } of streams) {
      this.#emit(
        {
          origin,
          ordinal: this.#count++,
          thread: this.thread,
          sentUs,
          answeredUs,
          readUs,
          bytesUp,
          bytesDown,
        },
        { estimated: ['sentUs', 'answeredUs', 'readUs'] },
      );
    }
  }

  #write(open: Open, end?: Pick<Exchange, 'failedUs' | 'error' | 'unread'>): void {
    if (this.#held !== null) {
      this.#held.push(open);
      return;
    }
    const { writesUs, estimated, status, ...seen } = open;
    this.#emit(seen, {
      ...(open.method === undefined ? {} : { status }),
      ...(open.answeredUs === null || end?.unread === true ? end : {}),
      ...(estimated.length > 0 && { estimated }),
    });
    this.#heldBack(open);
  }

  #emit(seen: Omit<Open, 'writesUs' | 'status' | 'estimated'>, more: Partial<Exchange>): void {
    const opening = this.#announce();
    this.#recording.emit({
      kind: 'exchange',
      id: this.#recording.nextExchange(),
      pid: this.#pid,
      connection: this.#connection,
      ...seen,
      ...(seen.ordinal === 0 && openedFor(seen.sentUs, opening)),
      ...more,
    });
  }

  /**
   * A request in several small writes, on a socket that holds small segments back until the one before is
   * acknowledged (RFC 1122 §4.2.3.4), which the other side may put off for 40 ms or more: how long it can have been.
   */
  #heldBack(open: Open): void {
    const [, secondUs] = open.writesUs;
    if (this.noDelay || secondUs === undefined || open.answeredUs === null || open.bytesUp > SEGMENT) return;
    if (open.answeredUs - secondUs < DELAYED_ACK_US) return;
    this.#recording.emit({
      kind: 'block',
      pid: this.#pid,
      thread: open.thread,
      fromUs: secondUs,
      toUs: open.answeredUs,
      wait: { kind: 'write', call: 'nagle', connections: [this.#connection] },
    });
  }
}

/** A connection is opened for a request, where this is sent as soon as it can be. */
function openedFor(sentUs: number, { beganUs, readyUs }: Opening): Partial<Exchange> {
  if (readyUs === null || sentUs - readyUs > Math.max(SOON_US, readyUs - beganUs))
    return { connectedUs: readyUs };
  return { dispatchedUs: Math.min(beganUs, readyUs), connectedUs: readyUs };
}

/** A client's own work between its connection and its first request takes less. */
const SOON_US = 20_000;

/** Whether the program read the head of an answer, of which more was to come, and not its end. */
function isPartlyRead({ answeredUs, status }: Open): boolean {
  return answeredUs !== null && status !== null;
}

/** Whether all of its answer had come is not known. */
function guessed(open: Open): Open {
  return open.answeredUs === null ? open : { ...open, estimated: [...open.estimated, 'readUs'] };
}

const CLOSED = 'closed';

/** The shortest delay of an acknowledgement in Linux is 40 ms (TCP_DELACK_MIN). */
const DELAYED_ACK_US = 38_000;
const SEGMENT = 1_400;
