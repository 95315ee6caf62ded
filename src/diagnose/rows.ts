/**
 * Numbers of a row: the six times of an exchange, its flags, and how much earlier it would have been wanted had none before
 * it in its unit of work waited. Eight bytes each: 64 bytes an exchange.
 */
const WIDTH = 8;
const FIRST_BLOCK = 8;
const LARGEST_BLOCK = 8_192;

/** What else is known of an exchange, as bits of one number. */
export const FLAG = {
  /** A retry, a redirect or the answer to a challenge: no request of the program. */
  again: 1,
  failed: 2,
  /** It had to follow the one before it: chains.ts. */
  dependent: 4,
  /** The recorder looked, and it need not have followed the one before. */
  independent: 8,
  wantedSeen: 16,
  dispatchedSeen: 32,
  connectedSeen: 64,
  sentSeen: 128,
} as const;

/** Called with the times of one exchange, those that most need first. */
export type RowVisitor = (
  wanted: number,
  sent: number,
  answered: number,
  end: number,
  dispatched: number,
  connected: number,
  flags: number,
  earlierUs: number,
) => void;

/** Growing columns of times, in blocks, so that growing copies nothing and wastes little. */
export class Rows {
  length = 0;
  readonly #blocks: Float64Array[] = [];
  #last: Float64Array = new Float64Array(0);
  #used = 0;

  add(
    wanted: number,
    sent: number,
    answered: number,
    end: number,
    dispatched: number,
    connected: number,
    flags: number,
    earlierUs: number,
  ): void {
    if (this.#used === this.#last.length) this.#grow();
    const at = this.#used;
    this.#last[at] = wanted;
    this.#last[at + 1] = sent;
    this.#last[at + 2] = answered;
    this.#last[at + 3] = end;
    this.#last[at + 4] = dispatched;
    this.#last[at + 5] = connected;
    this.#last[at + 6] = flags;
    this.#last[at + 7] = earlierUs;
    this.#used = at + WIDTH;
    this.length++;
  }

  visit(visitor: RowVisitor): void {
    for (const block of this.#blocks) {
      const used = block === this.#last ? this.#used : block.length;
      for (let at = 0; at < used; at += WIDTH)
        visitor(
          block[at]!,
          block[at + 1]!,
          block[at + 2]!,
          block[at + 3]!,
          block[at + 4]!,
          block[at + 5]!,
          block[at + 6]!,
          block[at + 7]!,
        );
    }
  }

  #grow(): void {
    const rows = Math.min(LARGEST_BLOCK, Math.max(FIRST_BLOCK, this.length));
    this.#last = new Float64Array(rows * WIDTH);
    this.#blocks.push(this.#last);
    this.#used = 0;
  }
}
