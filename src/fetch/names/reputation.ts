import type { Address, Family } from './address.ts';

/** Told when an address it may be waiting for has fallen in repute. */
export interface AddressWaiter {
  hurry(): void;
}

/** A family that has carried connections in this run has to fail this often in a row before it is doubted. */
const DOUBTED_AFTER = 5;
/** Dead addresses remembered; the oldest are forgotten. */
const MAX_BAD = 10_000;

/** Errors that say the way there is dead, not just the port. */
const NO_WAY = new Set([
  'ENETUNREACH',
  'EHOSTUNREACH',
  'ETIMEDOUT',
  'EADDRNOTAVAIL',
  'ENETDOWN',
  'EHOSTDOWN',
]);

/**
 * What the connections of a run have taught about families and addresses, across names (RFC 8305 §4 allows such
 * history): the doubted are tried last, and a race that waits for one moves on at once. So the first race pays for
 * a dead family, and no other.
 */
export class Reputation {
  readonly #won = { 4: false, 6: false };
  readonly #failedInARow = { 4: 0, 6: 0 };
  readonly #bad = new Set<string>();
  readonly #waiting = new Set<AddressWaiter>();

  /** The same addresses, those in doubt last. */
  order(addresses: readonly Address[], port: number): readonly Address[] {
    if (!addresses.some((a) => this.doubts(a, port))) return addresses;
    return [
      ...addresses.filter((a) => !this.doubts(a, port)),
      ...addresses.filter((a) => this.doubts(a, port)),
    ];
  }

  /** Whether an attempt at this address is better not waited for. */
  doubts({ address, family }: Address, port: number): boolean {
    return this.#doubtsFamily(family) || this.#bad.has(`${address} ${port}`);
  }

  won({ address, family }: Address, port: number): void {
    this.#won[family] = true;
    this.#failedInARow[family] = 0;
    if (this.#bad.size > 0) this.#bad.delete(`${address} ${port}`);
  }

  /** @param code the system's error; none when a later attempt was faster */
  lost({ address, family }: Address, port: number, code?: string): void {
    const before = this.#doubtsFamily(family);
    if (code === undefined || NO_WAY.has(code)) this.#failedInARow[family]++;
    const key = `${address} ${port}`;
    const news = !this.#bad.has(key) || before !== this.#doubtsFamily(family);
    this.#bad.add(key);
    if (this.#bad.size > MAX_BAD) this.#bad.delete(this.#bad.values().next().value!);
    if (news) for (const race of [...this.#waiting]) race.hurry();
  }

  /** Tells `race` of every fall until leave(). */
  join(race: AddressWaiter): void {
    this.#waiting.add(race);
  }

  leave(race: AddressWaiter): void {
    this.#waiting.delete(race);
  }

  #doubtsFamily(family: Family): boolean {
    return this.#failedInARow[family] >= (this.#won[family] ? DOUBTED_AFTER : 1);
  }
}
