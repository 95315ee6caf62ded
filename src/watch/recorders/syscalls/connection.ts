import type { Address } from './arguments.ts';
import { NO_FAILURES } from './calls.ts';
import type { Conversation, Listener, RequestHead } from './conversation.ts';
import { Exchanges } from './exchanges.ts';
import { Http1, startsRequest } from './http1.ts';
import { type Http2Records, recordsOfClient } from './http2-records.ts';
import { hostOf, secureOriginOf, targetOf } from './origins.ts';
import type { Payload } from './payload.ts';
import type { Recording } from './recording.ts';
import { Tls } from './tls.ts';

/** The process that a connection belongs to. */
export interface Client {
  readonly pid: number;
  readonly argv: readonly string[];
}

type ConnectionKind = 'tls' | 'http/1.1' | 'h2' | 'opaque';

/** A client's connection: its times, what its bytes turn out to be, and its record, written once that is known. */
export class ClientConnection implements Listener {
  readonly id: number;
  readonly #recording: Recording;
  readonly #exchanges: Exchanges;
  readonly #client: Client;
  readonly #thread: number;
  readonly #remote: Address;
  readonly #connectingUs: number;
  local: Address | null = null;
  connectedUs: number | null = null;
  #tlsStartUs: number | null = null;
  #tlsDoneUs: number | null = null;
  #tlsVersion: string | null = null;
  #name: string | null = null;
  #origin: string | null = null;
  #tunnelled = false;
  #kind: ConnectionKind | null = null;
  #conversation: Conversation | null = null;
  /** What is seen of HTTP/2, or of what may turn out to be. */
  #records: Http2Records | null = null;
  #undecided = false;
  #announced = false;
  /** When its opening began, known when it is announced. */
  #beganUs = 0;
  #closed = false;
  #ended = false;

  constructor(recording: Recording, client: Client, thread: number, remote: Address, connectingUs: number) {
    this.id = recording.nextConnection();
    this.#recording = recording;
    this.#client = client;
    this.#thread = thread;
    this.#remote = remote;
    this.#connectingUs = connectingUs;
    this.#exchanges = new Exchanges(recording, this.id, client.pid, () => {
      this.#announce();
      return { beganUs: this.#beganUs, readyUs: this.#readyUs };
    });
  }

  connected(atUs: number): void {
    this.connectedUs ??= atUs;
  }

  sent(payload: Payload, thread: number, atUs: number): void {
    this.connected(atUs);
    if (payload.length === 0) return;
    this.#exchanges.thread = thread;
    if (this.#conversation === null && this.#kind === null) this.#open(payload, atUs);
    this.#conversation?.up(payload, atUs);
  }

  received(payload: Payload, atUs: number): void {
    this.connected(atUs);
    // HTTP's and TLS's clients speak first.
    if (this.#conversation === null && this.#kind === null) this.opaque();
    this.#conversation?.down(payload, atUs);
  }

  /** An error of one of its calls. */
  failed(error: string, atUs: number): void {
    if (NO_FAILURES.has(error)) return;
    this.#exchanges.error = error;
    if (this.connectedUs === null) this.#failedToOpen(atUs);
  }

  /** The other side has sent its last byte. */
  ended(): void {
    this.#ended = true;
  }

  /** Something was sent on it. */
  get used(): boolean {
    return this.#kind !== null;
  }

  /** TCP_NODELAY was set, or not. */
  noDelay(on: boolean): void {
    this.#exchanges.noDelay = on;
  }

  /** @param left its process ended and did not close it: the program did not give up what was under way */
  closed(atUs: number, left = false): void {
    if (this.#closed) return;
    this.#closed = true;
    if (this.connectedUs === null) this.#failedToOpen(atUs);
    this.#conversation?.closed();
    this.#writeStreams();
    this.#exchanges.closed(atUs, left && !this.#ended);
    // Of Unix sockets only those with HTTP are recorded: programs use them for a dozen other things.
    if (this.#remote.family === 'unix' && this.#kind !== 'http/1.1') return;
    this.#announce();
    this.#recording.emit({ kind: 'connectionClosed', id: this.id, atUs });
  }

  /** The recording ends while it is open. */
  left(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#conversation?.closed();
    this.#writeStreams();
    this.#exchanges.left();
    if (this.#remote.family !== 'unix' || this.#kind === 'http/1.1') this.#announce();
  }

  #open(payload: Payload, atUs: number): void {
    if (payload.at(0) === 22 && payload.at(1) === 3) {
      this.#kind = 'tls';
      this.#conversation = new Tls(this, atUs);
    } else if (startsRequest(payload)) {
      this.#kind = 'http/1.1';
      this.#conversation = new Http1(this);
    } else if (payload.slice(0, 14) === 'PRI * HTTP/2.0') {
      this.#origin = `http://${this.#remote.text}`;
      this.isHttp2(true);
    } else {
      this.opaque();
    }
  }

  tlsStarted(atUs: number): void {
    this.#tlsStartUs = atUs;
    if (SECURE_BUT_NOT_HTTP.has(this.#remote.port)) this.opaque();
  }

  tlsDone(atUs: number, version: string): void {
    this.#tlsDoneUs = atUs;
    this.#tlsVersion = version;
  }

  serverName(name: string | null): void {
    if (this.#kind !== 'tls') return;
    // Some clients put the port into it, which RFC 6066 §3 does not know.
    this.#name ??= name?.replace(/:\d+$/, '') ?? null;
    if (this.#tunnelled) return;
    this.#learn(secureOriginOf(this.#name, this.#remote));
  }

  isHttp2(answer: boolean | null): void {
    if (this.#kind === 'opaque' || this.#kind === 'h2') return;
    if (answer !== false && this.#kind === 'tls') this.#records ??= recordsOfClient(this.#client.argv);
    if (answer === null) {
      this.#undecided = true;
      this.#exchanges.hold();
      return;
    }
    this.#undecided = false;
    if (answer) {
      this.#kind = 'h2';
      this.#exchanges.forget();
    } else {
      this.#records = null;
      this.#exchanges.release();
    }
  }

  #writeStreams(): void {
    const streams = this.#kind === 'h2' ? this.#records?.streams() : null;
    if (!streams) return;
    this.#recording.noteEstimates(streams[0]!.sentUs);
    this.#exchanges.estimate(this.#origin ?? `https://${this.#remote.text}`, streams);
  }

  request(atUs: number, bytes: number, head?: RequestHead): void {
    this.#records?.up(atUs, bytes);
    if (this.#kind === 'h2') return;
    if (head !== undefined && head.method !== 'CONNECT') {
      const { origin, url } = targetOf(head, this.#remote.text, this.#recording.keepUrls);
      this.#learn(origin);
      this.#exchanges.begin(atUs, { method: head.method, origin, url });
    } else if (head !== undefined) {
      this.#exchanges.begin(atUs, { method: head.method, origin: `http://${this.#remote.text}` });
    } else if (this.#kind === 'tls') {
      if (this.#exchanges.idle) {
        this.#exchanges.endAnswered();
        this.#exchanges.begin(atUs, { origin: this.#origin ?? `https://${this.#remote.text}` });
      }
      this.#exchanges.sent(atUs, bytes);
    } else {
      this.#exchanges.sent(atUs, bytes);
    }
  }

  answer(atUs: number, bytes: number, estimated: boolean, status?: number): void {
    this.#records?.down(atUs, bytes);
    this.#exchanges.answer(atUs, bytes, estimated, status);
  }

  answered(atUs: number, estimated = false): void {
    this.#exchanges.end(atUs, estimated);
  }

  tunnelled(target: string): void {
    this.#tunnelled = true;
    this.#exchanges.forget();
    this.#learn(`https://${target.replace(/:443$/, '')}`);
    this.#kind = null;
    this.#conversation = null;
  }

  opaque(): void {
    this.#kind = 'opaque';
    this.#conversation = null;
    this.#exchanges.forget();
  }

  /** When its connection could carry the first exchange. */
  get #readyUs(): number | null {
    return this.#tlsStartUs === null ? this.connectedUs : this.#tlsDoneUs;
  }

  #failedToOpen(toUs: number): void {
    const { port } = this.#remote;
    this.#recording.openings.failed({ pid: this.#client.pid, port, fromUs: this.#connectingUs, toUs });
  }

  /** Written before the first of its exchanges. */
  #announce(): void {
    if (this.#announced) return;
    this.#announced = true;
    const look = this.#recording.lookups.find(
      this.#host(),
      this.#remote.ip,
      this.#client.pid,
      this.#connectingUs,
    );
    const searched = look === null ? null : this.#recording.lookups.searched(look);
    this.#beganUs = this.#recording.openings.beginOf(
      this.#client.pid,
      this.#remote.port,
      this.#connectingUs,
      look && searched && { fromUs: searched.fromUs, toUs: look.toUs },
    );
    this.#recording.emit({
      kind: 'connection',
      id: this.id,
      pid: this.#client.pid,
      thread: this.#thread,
      origin: this.#origin ?? this.#recording.origins.get(this.#remote.text) ?? `tcp://${this.#remote.text}`,
      ...(this.local === null ? {} : { local: this.local.text }),
      remote: this.#remote.text,
      dnsFromUs: searched?.fromUs ?? null,
      dnsToUs: look?.toUs ?? null,
      ...(searched !== null && searched.names > 1 && { dnsNames: searched.names }),
      connectingUs: this.#connectingUs,
      connectedUs: this.connectedUs,
      tlsStartUs: this.#tlsStartUs,
      tlsDoneUs: this.#tlsDoneUs,
      tlsVersion: this.#tlsVersion,
      ...this.#protocol(),
    });
  }

  /** Absent while nothing was said on it. */
  #protocol(): { protocol?: 'http/1.1' | 'h2' | 'opaque' } {
    if (this.#kind === null) return {};
    if (this.#kind !== 'tls') return { protocol: this.#kind };
    return { protocol: this.#undecided ? 'opaque' : 'http/1.1' };
  }

  #learn(origin: string): void {
    this.#origin ??= origin;
    this.#recording.origins.set(this.#remote.text, this.#origin);
  }

  /** The name it was opened for, without its port. */
  #host(): string | null {
    return this.#name ?? (this.#origin === null ? null : hostOf(this.#origin));
  }
}

/** Ports of other protocols over TLS: mail, LDAP, DNS, queues, databases (IANA's registry, and their defaults). */
const SECURE_BUT_NOT_HTTP: ReadonlySet<number> = new Set([
  25, 110, 143, 465, 587, 636, 853, 990, 993, 995, 1433, 3306, 3269, 5222, 5432, 5671, 6380, 6697, 8883, 9093,
  9094, 27017,
]);
