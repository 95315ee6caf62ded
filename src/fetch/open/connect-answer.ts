/** Bytes of the whole answer to CONNECT, its interim heads included: what follows belongs to the tunnel. */
const MAX_BYTES = 16 * 1024;
/** Interim answers (1xx) before the final one, as many as a server may send. */
const MAX_INTERIM = 32;

const START = Buffer.from('HTTP/1.');
const HEAD_END = Buffer.from('\r\n\r\n');

/** A proxy's final answer to CONNECT. */
export interface ConnectAnswer {
  readonly status: number;
  readonly reason: string;
  /** The bytes after the head. A 2xx to CONNECT has no body, whatever its head says (RFC 9110 §9.3.6). */
  readonly rest: Buffer;
}

/** Reads the answer to CONNECT from chunks that are cut anywhere. Each byte is looked at once. */
export class ConnectAnswerReader {
  readonly #bytes = Buffer.allocUnsafe(MAX_BYTES);
  #length = 0;
  /** Where the head that is being read begins. */
  #from = 0;
  #interim = 0;

  /**
   * Takes the next bytes. null until the answer is whole.
   * @throws Error that says what is wrong with the answer
   */
  push(chunk: Buffer): ConnectAnswer | null {
    const before = this.#length;
    this.#length += chunk.copy(this.#bytes, before);
    const bytes = this.#bytes.subarray(0, this.#length);
    for (let searchFrom = Math.max(this.#from, before - 3); ; searchFrom = this.#from) {
      this.#refuseForeign(bytes);
      const end = bytes.indexOf(HEAD_END, searchFrom);
      if (end < 0) break;
      const [status, reason] = statusLine(bytes.toString('latin1', this.#from, end));
      this.#from = end + HEAD_END.length;
      if (status >= 200 || status === 101)
        return { status, reason, rest: chunk.subarray(this.#from - before) };
      if (++this.#interim > MAX_INTERIM) throw new Error(`it sent more than ${MAX_INTERIM} interim answers`);
    }
    if (this.#length === MAX_BYTES)
      throw new Error(`the head of its answer is longer than ${MAX_BYTES / 1024} KiB`);
    return null;
  }

  /** A server of another protocol may wait for us to speak first: we do not wait for it. */
  #refuseForeign(bytes: Buffer): void {
    const start = bytes.subarray(this.#from, this.#from + START.length);
    if (!start.equals(START.subarray(0, start.length))) throw new Error('its answer is not HTTP/1.1');
  }
}

function statusLine(head: string): readonly [status: number, reason: string] {
  const [, status, reason = ''] = /^HTTP\/1\.[01] (\d{3})(?: ([^\r\n]*))?(?:\r\n|$)/.exec(head) ?? [];
  if (status === undefined) throw new Error('its answer is not HTTP/1.1');
  return [Number(status), reason];
}
