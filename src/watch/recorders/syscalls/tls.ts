import type { Conversation, Listener } from './conversation.ts';
import type { Payload } from './payload.ts';
import { CLIENT_HELLO, Hello, SERVER_HELLO } from './tls-hello.ts';
import { APPLICATION_DATA, CHANGE_CIPHER_SPEC, HANDSHAKE, RecordReader } from './tls-records.ts';

/**
 * TLS 1.2 and 1.3 read without keys (RFC 5246, RFC 8446): the record layer's headers are in the clear, so are the
 * hellos; what is the program's data and what is the handshake's is told by order and by length.
 *
 * TLS 1.3 hides the handshake's end: the client's Finished is the application-data record of 53 or 69 bytes (a hash
 * of 32 or 48, a header of 4, a content type and a tag of 17), after its certificates if it was asked for some.
 * Later client records of 19 are alerts and of 22 key updates; all others are requests.
 */
export class Tls implements Conversation {
  readonly #listener: Listener;
  readonly #up: RecordReader;
  readonly #down: RecordReader;
  #version: '1.2' | '1.3' | null = null;
  #offersHttp2 = false;
  #serverHello = false;
  #finishedUp = false;
  #finishedDown = false;
  #done = false;
  /** The client's early handshake records of TLS 1.3, until one has the length of a Finished. */
  #unsure: { atUs: number; length: number }[] = [];
  #finishedUs = 0;
  #requested = false;
  #extensionsSeen = false;
  #decided = false;
  #answers = 0;
  readonly #startedUs: number;
  /** The first exchange's leading server records, of which some may be session tickets (RFC 8446 §4.6.1). */
  #leading: { atUs: number; length: number }[] | null = null;

  constructor(listener: Listener, atUs: number) {
    this.#listener = listener;
    this.#startedUs = atUs;
    this.#up = new RecordReader((type, length, atUs, body) => this.#client(type, length, atUs, body));
    this.#down = new RecordReader((type, length, atUs, body) => this.#server(type, length, atUs, body));
    listener.tlsStarted(atUs);
  }

  up(payload: Payload, atUs: number): void {
    this.#up.read(payload, atUs);
  }

  down(payload: Payload, atUs: number): void {
    this.#down.read(payload, atUs);
  }

  closed(): void {
    this.#giveUpFinished();
    this.#settleTickets();
    // A client of HTTP/2 always acknowledges the server's settings (RFC 9113 §3.4), and that record is small.
    if (this.#offersHttp2 && this.#version === '1.3' && this.#answers > 0) this.#decide(false);
  }

  #client(type: number, length: number, atUs: number, body: readonly number[]): void {
    if (type === CHANGE_CIPHER_SPEC) {
      this.#up.encrypted = this.#version !== '1.3';
      return;
    }
    if (type === HANDSHAKE) {
      if (body[0] === CLIENT_HELLO && !this.#finishedUp) this.#readClientHello(body);
      else if (this.#up.encrypted) this.#finish('up', atUs);
      return;
    }
    if (type !== APPLICATION_DATA) return;
    if (this.#version === '1.3' && !this.#finishedUp) {
      this.#maybeFinished(length, atUs);
      return;
    }
    this.#data(length, atUs);
  }

  /** Certificate, CertificateVerify and Finished may be one record, or three; early data (0-RTT) comes before all. */
  #maybeFinished(length: number, atUs: number): void {
    if (!this.#serverHello) {
      this.#request(length, atUs);
      return;
    }
    if (FINISHED.has(length)) {
      this.#unsure = [];
      this.#finish('up', atUs);
    } else if (this.#unsure.length < 3) {
      this.#unsure.push({ atUs, length });
    } else {
      this.#giveUpFinished();
      this.#data(length, atUs);
    }
  }

  /** No record had the length of a Finished: the first one held the whole flight. */
  #giveUpFinished(): void {
    const [first, ...requests] = this.#unsure;
    this.#unsure = [];
    if (first === undefined) return;
    this.#finish('up', first.atUs);
    for (const request of requests) this.#data(request.length, request.atUs);
  }

  #data(length: number, atUs: number): void {
    if (this.#version === '1.3') {
      if (length === ALERT_LENGTH || length === KEY_UPDATE_LENGTH) return;
      if (this.#offersHttp2 && HTTP2_FRAMES.has(length)) this.#decide(true);
    }
    this.#request(length, atUs);
  }

  #request(length: number, atUs: number): void {
    if (this.#leading !== null && this.#leading.length > 0) this.#settleTickets();
    this.#requested = true;
    this.#listener.request(atUs, plain(length, this.#version));
  }

  #server(type: number, length: number, atUs: number, body: readonly number[]): void {
    if (type === CHANGE_CIPHER_SPEC) {
      this.#down.encrypted = this.#version !== '1.3';
    } else if (type === HANDSHAKE) {
      if (body[0] === SERVER_HELLO) this.#readServerHello(body);
      else if (this.#down.encrypted) this.#finish('down', atUs);
    } else if (type === APPLICATION_DATA) {
      if (this.#version === '1.3' && !this.#finishedUp) {
        if (!this.#extensionsSeen) this.#readExtensions(length);
        if (this.#unsure.length === 0) return;
        this.#giveUpFinished();
      }
      if (this.#version === '1.3' && length === ALERT_LENGTH) return;
      this.#answer(length, atUs);
    }
  }

  /** The first encrypted record is the server's EncryptedExtensions, whose length gives away the protocol it chose. */
  #readExtensions(length: number): void {
    this.#extensionsSeen = true;
    const protocol = PROTOCOL_OF_EXTENSIONS.get(length);
    if (this.#offersHttp2 && protocol !== undefined) this.#decide(protocol === 'h2');
  }

  #decide(http2: boolean): void {
    if (this.#decided) return;
    this.#decided = true;
    this.#listener.isHttp2(http2);
  }

  /**
   * Session tickets come right behind the client's Finished, as if they were the answer to what was sent with it.
   * They stand out by the pause that follows them: the server makes its answer then.
   */
  #answer(length: number, atUs: number): void {
    this.#answers++;
    if (!this.#requested) return;
    if (this.#leading === null) {
      this.#listener.answer(atUs, plain(length, this.#version), false);
      return;
    }
    // No answer of HTTP/1.1 begins with so little, but the server's settings do (RFC 9113 §3.4).
    if (this.#offersHttp2 && length < SHORTEST_ANSWER) this.#decide(true);
    this.#leading.push({ atUs, length });
    const windowUs = Math.max(TICKETS_US, 3 * (this.#finishedUs - this.#startedUs));
    if (!isTicket(length) || this.#leading.length > 8 || atUs - this.#finishedUs > windowUs)
      this.#settleTickets();
  }

  /** Of the leading records, those before the last pause are tickets, the others are the answer. */
  #settleTickets(): void {
    const leading = this.#leading ?? [];
    this.#leading = null;
    const pause = leading.findLastIndex(
      ({ atUs }, at) => at > 0 && atUs - leading[at - 1]!.atUs > TICKET_PAUSE_US,
    );
    for (const { atUs, length } of leading.slice(Math.max(0, pause))) {
      this.#listener.answer(atUs, plain(length, '1.3'), true);
    }
  }

  #finish(side: 'up' | 'down', atUs: number): void {
    if (this.#done) return;
    if (side === 'up') this.#finishedUp = true;
    else this.#finishedDown = true;
    if (this.#version !== '1.3' && !(this.#finishedUp && this.#finishedDown)) return;
    this.#done = true;
    this.#finishedUs = atUs;
    if (this.#version === '1.3') this.#leading = [];
    this.#listener.tlsDone(atUs, this.#version ?? '1.2');
  }

  #readClientHello(body: readonly number[]): void {
    const hello = new Hello(body, CLIENT_HELLO);
    this.#offersHttp2 = hello.protocols.includes('h2');
    this.#listener.serverName(hello.serverName);
  }

  #readServerHello(body: readonly number[]): void {
    const hello = new Hello(body, SERVER_HELLO);
    this.#serverHello = true;
    this.#version = hello.version === 0x0304 ? '1.3' : '1.2';
    this.#up.encrypted = false;
    if (this.#version === '1.2') this.#listener.isHttp2(hello.protocols.includes('h2'));
    else if (this.#offersHttp2) this.#listener.isHttp2(null);
    else this.#listener.isHttp2(false);
  }
}

/** Lengths of the body of a TLS 1.3 record, which ends in a content type and a tag of 16. */
const FINISHED: ReadonlySet<number> = new Set([53, 69]);
const ALERT_LENGTH = 2 + 17;
const KEY_UPDATE_LENGTH = 5 + 17;
/** SETTINGS acknowledged, WINDOW_UPDATE or RST_STREAM, PING or GOAWAY: frames too small for any HTTP/1.1 request. */
const HTTP2_FRAMES: ReadonlySet<number> = new Set([9 + 17, 13 + 17, 17 + 17]);
/** 'HTTP/1.1 200 OK' and two line ends. */
const SHORTEST_ANSWER = 19 + 17;
/**
 * EncryptedExtensions (RFC 8446 §4.3.1) in a record of its own: 6 bytes of header, 17 of the record, 4 where the
 * server name was taken note of, and 7 with the protocol's name where one was chosen (RFC 7301 §3.1).
 */
const PROTOCOL_OF_EXTENSIONS: ReadonlyMap<number, 'h2' | 'http/1.1'> = new Map([
  [23, 'http/1.1'],
  [27, 'http/1.1'],
  [32, 'h2'],
  [36, 'h2'],
  [38, 'http/1.1'],
  [42, 'http/1.1'],
]);
/** A NewSessionTicket holds a nonce and a ticket; servers make 70 to 1,500 bytes of it (with certificates inside). */
const isTicket = (length: number): boolean => length >= 60 && length <= 1_500;
const TICKETS_US = 10_000;
const TICKET_PAUSE_US = 2_000;

/** Bytes of data in a record: without the tag, and the content type (1.3) or explicit nonce (1.2, AES-GCM). */
const plain = (length: number, version: string | null): number =>
  Math.max(0, length - (version === '1.3' ? 17 : 24));
