import type { StoreFormat } from './format.ts';

const NEWLINE = 0x0a;
const QUOTE = 0x22;

/** Cuts stored bytes into rows, each with its line end; in CSV a line end within quotes belongs to the cell. */
export class RowCutter {
  readonly #csv: boolean;
  /** What came since the last row's end. */
  #pending: Buffer[] = [];
  #pendingBytes = 0;
  #quoted = false;

  constructor(rows: StoreFormat['rows']) {
    this.#csv = rows === 'csv';
  }

  /** Bytes that were pushed and belong to no whole row yet. */
  get pendingBytes(): number {
    return this.#pendingBytes;
  }

  /** Takes the next bytes and calls `onRow` for every row that ends in them. Their memory may be used again afterwards. */
  push(bytes: Buffer, onRow: (row: Buffer) => void): void {
    let from = 0;
    for (let end = this.#rowEnd(bytes, 0); end !== -1; end = this.#rowEnd(bytes, from)) {
      const row = bytes.subarray(from, end + 1);
      onRow(this.#pendingBytes === 0 ? row : Buffer.concat([...this.#pending, row]));
      this.#pending = [];
      this.#pendingBytes = 0;
      from = end + 1;
    }
    if (from === bytes.length) return;
    this.#pending.push(Buffer.from(bytes.subarray(from)));
    this.#pendingBytes += bytes.length - from;
  }

  #rowEnd(bytes: Buffer, from: number): number {
    if (!this.#csv) return bytes.indexOf(NEWLINE, from);
    let at = from;
    for (;;) {
      const newline = bytes.indexOf(NEWLINE, at);
      const until = newline === -1 ? bytes.length : newline;
      for (
        let quote = bytes.indexOf(QUOTE, at);
        quote !== -1 && quote < until;
        quote = bytes.indexOf(QUOTE, quote + 1)
      )
        this.#quoted = !this.#quoted;
      if (newline === -1 || !this.#quoted) return newline;
      at = newline + 1;
    }
  }
}
