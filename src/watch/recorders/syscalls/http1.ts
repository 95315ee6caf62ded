import type { Conversation, Listener, RequestHead } from './conversation.ts';
import { type Body, type Handler, MessageReader } from './http1-messages.ts';
import type { Payload } from './payload.ts';

/** HTTP/1.1 in the clear (RFC 9112), pipelined or not: where requests and answers begin and end. */
export class Http1 implements Conversation {
  readonly #listener: Listener;
  readonly #up = new MessageReader();
  readonly #down = new MessageReader();
  /** The requests that are not answered, oldest first. */
  readonly #open: { method: string; target: string }[] = [];
  #switched = false;
  #interim = false;
  /** Of the answers whose ends were seen. */
  #whole = { count: 0, bytes: 0 };
  /** Of the answer that is being read. */
  #bytes = 0;
  /** The bytes since the last head that was seen: one answer, or several. */
  #hidden: Piece[] = [];

  constructor(listener: Listener) {
    this.#listener = listener;
  }

  up(payload: Payload, atUs: number): void {
    if (this.#switched) return;
    this.#up.read(payload, atUs, {
      head: (text, beganUs) => {
        const head = requestHead(text);
        if (head === null) return 'unseen';
        // A client that sends again, and has received enough for all its requests before, has read their answers.
        if (this.#fitting() >= this.#open.length) this.#down.finishOpenEnded(this.#answers(beganUs));
        this.#open.push(head);
        this.#listener.request(beganUs, 0, head);
        return requestBody(text);
      },
      bytes: (count) => this.#listener.request(atUs, count),
      end: () => {},
      isHead: startsRequest,
    });
  }

  down(payload: Payload, atUs: number): void {
    if (!this.#switched) this.#down.read(payload, atUs, this.#answers(atUs));
  }

  closed(): void {
    if (!this.#switched && this.#hidden.length > 0) this.#shareHidden(false);
  }

  #answers(atUs: number): Handler {
    return {
      head: (text, beganUs) => this.#answerHead(text, beganUs, atUs),
      bytes: (count) => {
        if (this.#interim) return;
        if (this.#down.isHidden) this.#hidden.push({ atUs, bytes: count });
        else this.#listener.answer(atUs, count, false);
        this.#bytes += count;
      },
      end: (hasFollower) => {
        if (this.#interim) this.#interim = false;
        else if (this.#hidden.length > 0) this.#shareHidden(hasFollower);
        else this.#answered(atUs);
      },
      isHead: (bytes) => bytes.slice(0, 7) === 'HTTP/1.',
    };
  }

  #answerHead(text: string, beganUs: number, atUs: number): Body {
    const status = Number(/^HTTP\/1\.[01] (\d{3})/.exec(text)?.[1] ?? 0);
    this.#interim = status >= 100 && status < 200 && status !== 101;
    const request = this.#open[0];
    if (!this.#interim) this.#listener.answer(beganUs, 0, false, status);
    if (status === 101 || (request?.method === 'CONNECT' && status >= 200 && status < 300)) {
      this.#switched = true;
      if (request?.method === 'CONNECT') this.#listener.tunnelled(request.target);
      else this.#listener.answered(atUs);
    }
    return this.#interim ? 0 : answerBody(text, status, request?.method ?? 'GET');
  }

  #answered(atUs: number): void {
    this.#whole = { count: this.#whole.count + 1, bytes: this.#whole.bytes + this.#bytes };
    this.#bytes = 0;
    this.#open.shift();
    this.#listener.answered(atUs);
  }

  /** How many answers fit into the bytes since the last head that was seen, at the mean length of those before. */
  #fitting(): number {
    const { count, bytes } = this.#whole;
    return count === 0 ? 1 : Math.max(1, Math.round(this.#bytes / (bytes / count)));
  }

  /**
   * Divides bytes in which no head was seen among the requests that they may answer: as many as fit, at the mean length
   * of the answers that were seen.
   *
   * @param hasFollower one more answer begins now
   */
  #shareHidden(hasFollower: boolean): void {
    const pieces = this.#hidden;
    this.#hidden = [];
    const most = Math.max(1, this.#open.length - (hasFollower ? 1 : 0));
    const answers = this.#whole.count === 0 ? most : Math.min(most, this.#fitting());
    this.#bytes = 0;
    const total = pieces.reduce((sum, piece) => sum + piece.bytes, 0);
    let end = 0;
    for (let answer = 0; answer < answers; answer++) {
      const begin = end;
      end = ((answer + 1) * total) / answers;
      this.#listener.answer(timeOf(pieces, begin), Math.round(end) - Math.round(begin), answers > 1);
      this.#open.shift();
      this.#listener.answered(timeOf(pieces, end), answers > 1);
    }
  }
}

/** Bytes that came at a time. */
interface Piece {
  readonly atUs: number;
  readonly bytes: number;
}

/** When the byte before `end` came. */
function timeOf(pieces: readonly Piece[], end: number): number {
  let before = 0;
  const piece = pieces.find(({ bytes }) => {
    before += bytes;
    return before >= end;
  });
  return (piece ?? pieces.at(-1)!).atUs;
}

const REQUEST = /^([A-Z-]{3,16}) (\S+) HTTP\/1\.[01]\r?\n/;

/** Whether bytes begin a request of HTTP/1. */
export function startsRequest(payload: Payload): boolean {
  return /^(GET|HEAD|POST|PUT|PATCH|DELETE|OPTIONS|CONNECT|TRACE|PROPFIND|REPORT|SEARCH|QUERY) /.test(
    payload.slice(0, 12),
  );
}

function requestHead(text: string): RequestHead | null {
  const line = REQUEST.exec(text) ?? /^([A-Z-]{3,16}) (\S*)/.exec(text);
  if (line === null) return null;
  return { method: line[1]!, target: line[2]!, host: field(text, 'host') };
}

function requestBody(text: string): Body {
  if (/chunked/i.test(field(text, 'transfer-encoding') ?? '')) return 'chunked';
  return Number(field(text, 'content-length') ?? 0) || 0;
}

/** RFC 9112 §6.3. */
function answerBody(text: string, status: number, method: string): Body {
  if (method === 'HEAD' || status === 204 || status === 304) return 0;
  if (method === 'CONNECT' && status < 300) return 0;
  if (/chunked/i.test(field(text, 'transfer-encoding') ?? '')) return 'chunked';
  const length = field(text, 'content-length');
  return length === null ? 'open' : Number(length) || 0;
}

function field(head: string, name: string): string | null {
  const found = new RegExp(`^${name}:[ \\t]*([^\\r\\n]*)`, 'im').exec(head);
  return found === null ? null : found[1]!.trim();
}
