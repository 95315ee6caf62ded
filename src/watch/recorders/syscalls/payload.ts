/** Bytes that a call moved, as strace printed them: '\x47\x45…', cut at `-s` bytes a buffer. */
export class Payload {
  /** How many bytes were moved, seen or not. */
  readonly length: number;
  readonly #text: string;
  readonly #segments: readonly Segment[];

  constructor(text: string, segments: readonly Segment[]) {
    this.#text = text;
    this.#segments = segments;
    let length = 0;
    for (const segment of segments) length += segment.length;
    this.length = length;
  }

  /** The byte at `index`; -1 where strace did not print it. */
  at(index: number): number {
    let within = index;
    for (const segment of this.#segments) {
      if (within < segment.length) {
        if (within >= segment.visible) return -1;
        const at = segment.start + 4 * within + 2;
        return (digit(this.#text.charCodeAt(at)) << 4) | digit(this.#text.charCodeAt(at + 1));
      }
      within -= segment.length;
    }
    return -1;
  }

  /** Bytes as Latin-1 text, from `from` to the first that was not printed, at most `to`. */
  slice(from: number, to: number): string {
    const bytes = to - from <= SCRATCH.length ? SCRATCH : Buffer.allocUnsafe(to - from);
    let count = 0;
    let before = 0;
    for (const { start, visible, length } of this.#segments) {
      const last = Math.min(to - before, visible);
      for (let index = Math.max(from - before, 0); index < last; index++) {
        const at = start + 4 * index + 2;
        bytes[count++] = (digit(this.#text.charCodeAt(at)) << 4) | digit(this.#text.charCodeAt(at + 1));
      }
      before += length;
      if (before >= to || visible < length) break;
    }
    return bytes.toString('latin1', 0, count);
  }
}

/** Where slices are put together: most are short. */
const SCRATCH = Buffer.allocUnsafe(4096);

interface Segment {
  /** Where its first byte stands in the text. */
  readonly start: number;
  /** How many of its bytes are printed. */
  readonly visible: number;
  readonly length: number;
}

const digit = (code: number): number => (code > 96 ? code - 87 : code - 48);

/** The one buffer of read, write, recvfrom and sendto. `length` is the call's result. null: it was not printed. */
export function bufferPayload(text: string, length: number): Payload | null {
  const comma = text.indexOf(', ');
  if (text.charCodeAt(comma + 2) !== 34) return null;
  return new Payload(text, [segmentAt(text, comma + 3, length)]);
}

/** The buffers of readv, writev, recvmsg and sendmsg, of which `length` bytes were moved. */
export function vectorPayload(text: string, length: number): Payload | null {
  const segments: Segment[] = [];
  let left = length;
  let at = text.indexOf('iov_base=');
  while (at >= 0 && left > 0) {
    const lengthAt = text.indexOf('iov_len=', at);
    if (lengthAt < 0) break;
    const moved = Math.min(left, Number.parseInt(text.slice(lengthAt + 8, lengthAt + 28), 10));
    const quoted = text.charCodeAt(at + 9) === 34;
    segments.push(quoted ? segmentAt(text, at + 10, moved) : { start: 0, visible: 0, length: moved });
    left -= moved;
    at = text.indexOf('iov_base=', lengthAt);
  }
  return segments.length === 0 ? null : new Payload(text, segments);
}

/** Every buffer of sendmmsg and recvmmsg, each its own message. */
export function messagePayloads(text: string): Payload[] {
  const payloads: Payload[] = [];
  let at = text.indexOf('iov_base="');
  while (at >= 0) {
    const end = text.indexOf('"', at + 10);
    if (end < 0) break;
    payloads.push(new Payload(text, [segmentAt(text, at + 10, (end - at - 10) >> 2)]));
    at = text.indexOf('iov_base="', end);
  }
  return payloads;
}

function segmentAt(text: string, start: number, length: number): Segment {
  const end = text.indexOf('"', start);
  return { start, visible: Math.min(length, (end - start) >> 2), length };
}

/** The text between two quotes, '\x2f\x75' or plain, as UTF-8. */
export function unquote(quoted: string): string {
  if (!quoted.includes('\\x')) return quoted;
  return Buffer.from(quoted.replaceAll('\\x', ''), 'hex').toString('utf8');
}
