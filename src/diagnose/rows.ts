/** Numbers of a row: wanted, sent, answered, end. Eight bytes each: 32 bytes an exchange. */
const WIDTH = 4;
const FIRST_BLOCK = 8;
const LARGEST_BLOCK = 8_192;

/** Called with the times of one exchange. */
export type RowVisitor = (wanted: number, sent: number, answered: number, end: number) => void;

/** Growing columns of times, in blocks, so that growing copies nothing and wastes little. */
export class Rows {
  length = 0;
  readonly #blocks: Float64Array[] = [];
  #last: Float64Array = new Float64Array(0);
  #used = 0;

  add(wanted: number, sent: number, answered: number, end: number): void {
    if (this.#used === this.#last.length) this.#grow();
    const at = this.#used;
    this.#last[at] = wanted;
    this.#last[at + 1] = sent;
    this.#last[at + 2] = answered;
    this.#last[at + 3] = end;
    this.#used = at + WIDTH;
    this.length++;
  }

  visit(visitor: RowVisitor): void {
    for (const block of this.#blocks) {
      const used = block === this.#last ? this.#used : block.length;
      for (let at = 0; at < used; at += WIDTH)
        visitor(block[at]!, block[at + 1]!, block[at + 2]!, block[at + 3]!);
    }
  }

  #grow(): void {
    const rows = Math.min(LARGEST_BLOCK, Math.max(FIRST_BLOCK, this.length));
    this.#last = new Float64Array(rows * WIDTH);
    this.#blocks.push(this.#last);
    this.#used = 0;
  }
}
