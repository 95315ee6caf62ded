import type { Attributes } from './span.ts';

/** Those attributes that have a value. */
export function attributesOf(
  list: readonly (readonly [string, string | number | boolean | undefined])[],
): Attributes {
  return new Map(list.filter((each): each is [string, string | number | boolean] => each[1] !== undefined));
}

/** Microseconds of nanoseconds, which are more than a number can hold. */
export function epochUs(nanoseconds: string | number): number {
  return Number(BigInt(nanoseconds) / 1_000n);
}
