/** What is done for a connection, one thing right after the other. */
interface Attempt {
  readonly pid: number;
  readonly port: number;
  readonly fromUs: number;
  readonly toUs: number;
}

/** Less lies between a look-up, or an attempt that failed, and the connect that follows it. */
const RIGHT_AFTER_US = 20_000;
const KEPT = 1_000;

/**
 * When the opening of a connection begins: with the look-up of its name, or with the first attempt to connect to
 * another address of it that came to nothing, where the next thing followed at once.
 */
export class Openings {
  readonly #failed: Attempt[] = [];

  /** An attempt to connect was given up. */
  failed(attempt: Attempt): void {
    this.#failed.push(attempt);
    if (this.#failed.length > KEPT) this.#failed.shift();
  }

  /** When the opening began that ended with a connect of this process, at this time. */
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
