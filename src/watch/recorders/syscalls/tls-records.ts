import type { Payload } from './payload.ts';

/** Content types of records (RFC 8446 §5.1). */
export const CHANGE_CIPHER_SPEC = 20;
export const HANDSHAKE = 22;
export const APPLICATION_DATA = 23;

type OnRecord = (type: number, length: number, atUs: number, body: readonly number[]) => void;

/** Cuts one direction into records. Of handshake records in the clear it keeps the body, of all others nothing. */
export class RecordReader {
  readonly #onRecord: OnRecord;
  readonly #header: number[] = [];
  #left = 0;
  #body: number[] | null = null;
  /** The handshake goes on under encryption: bodies mean nothing. */
  encrypted = false;
  /** Record boundaries were lost in bytes that strace did not print, until a call begins with a header. */
  #lost = false;

  constructor(onRecord: OnRecord) {
    this.#onRecord = onRecord;
  }

  read(payload: Payload, atUs: number): void {
    let at = 0;
    if (this.#lost) {
      if (!looksLikeHeader(payload)) {
        this.#onRecord(APPLICATION_DATA, payload.length, atUs, []);
        return;
      }
      this.#lost = false;
      this.#header.length = 0;
    }
    while (at < payload.length) {
      if (this.#left > 0) {
        const taken = Math.min(this.#left, payload.length - at);
        if (this.#body !== null) this.#keep(payload, at, taken, atUs);
        at += taken;
        this.#left -= taken;
        if (this.#left === 0 && this.#body !== null) {
          this.#onRecord(HANDSHAKE, this.#body.length, atUs, this.#body);
          this.#body = null;
        }
        continue;
      }
      const byte = payload.at(at);
      if (byte < 0) {
        this.#lost = true;
        this.#onRecord(APPLICATION_DATA, payload.length - at, atUs, []);
        return;
      }
      this.#header.push(byte);
      at++;
      if (this.#header.length === 5) this.#open(atUs);
    }
  }

  #open(atUs: number): void {
    const [type, , , high, low] = this.#header as [number, number, number, number, number];
    this.#header.length = 0;
    const length = (high << 8) | low;
    this.#left = length;
    if (type === HANDSHAKE && !this.encrypted) this.#body = [];
    else this.#onRecord(type, length, atUs, []);
  }

  #keep(payload: Payload, from: number, count: number, atUs: number): void {
    for (let index = from; index < from + count; index++) {
      const byte = payload.at(index);
      if (byte < 0) {
        this.#onRecord(HANDSHAKE, this.#body!.length, atUs, this.#body!);
        this.#body = null;
        return;
      }
      this.#body!.push(byte);
    }
  }
}

/** A record's type, version 3.0 to 3.4, and at most 2^14 + 2,048 bytes (RFC 5246 §6.2.3). */
function looksLikeHeader(payload: Payload): boolean {
  const type = payload.at(0);
  const length = (payload.at(3) << 8) | payload.at(4);
  return (
    payload.length >= 5 &&
    type >= 20 &&
    type <= 24 &&
    payload.at(1) === 3 &&
    payload.at(2) <= 4 &&
    length <= 18_432
  );
}
