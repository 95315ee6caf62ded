/** An attempt to connect that failed. */
interface Attempt {
  readonly pid: number;
  readonly port: number;
  readonly fromUs: number;
  readonly toUs: number;
}

/** The time between two steps of an opening is shorter: a program goes on to the next one at once. */
export const RIGHT_AFTER_US = 20_000;
const KEPT = 1_000;

/**
 * When the opening of a connection begins: with the look-up of its name, or with the first failed attempt to connect to
 * another of its addresses, if each step follows the one before at once.
 */
export class Openings {
  readonly #failed: Attempt[] = [];

  /** An attempt to connect failed or was given up. */
  failed(attempt: Attempt): void {
    this.#failed.push(attempt);
    if (this.#failed.length > KEPT) this.#failed.shift();
  }

  /** When the opening began whose last step is a connect of this process at this time. */
  beginOf(
    pid: number,
    port: number,
    connectingUs: number,
    look: { readonly fromUs: number; readonly toUs: number | null } | null,
  ): number {
    let beginUs = connectingUs;
    for (const attempt of this.#failed.toReversed()) {
      const isBefore = attempt.toUs <= beginUs && beginUs - attempt.toUs <= RIGHT_AFTER_US;
      if (attempt.pid === pid && attempt.port === port && isBefore) beginUs = attempt.fromUs;
    }
    const lookedUpUs = look?.toUs ?? Number.POSITIVE_INFINITY;
    return lookedUpUs <= beginUs && beginUs - lookedUpUs <= RIGHT_AFTER_US ? look!.fromUs : beginUs;
  }
}
