/** A length of time with its unit: '250ms', '10s', '5m', '1h'. */
export type Duration = `${number}${'ms' | 's' | 'm' | 'h'}`;

/** How many in how long: '10/s', '600/m'. */
export type Rate = `${number}/${'s' | 'm' | 'h'}`;

/** How a length of time above 0 is written. */
export const DURATION = /^(?=.*[1-9])\d+(\.\d+)?(ms|s|m|h)$/;
/** How a rate above 0 is written. */
export const RATE = /^(?=.*[1-9])\d+(\.\d+)?\/(s|m|h)$/;

const UNIT_MS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };

/** Milliseconds of '250ms', '10s', '5m', '1h'. @throws TypeError naming the option when it has no such form. */
export function durationMs(value: Duration | string, option: string): number {
  if (DURATION.test(value)) return Number.parseFloat(value) * UNIT_MS[/[a-z]+$/.exec(value)![0]]!;
  throw new TypeError(`${option}: '${value}' is no length of time; write it with a unit: 250ms, 10s, 5m, 1h`);
}

/** Requests a second of '10/s', '600/m', '1000/h'. @throws TypeError naming the option when it has no such form. */
export function ratePerS(value: Rate | string, option: string): number {
  if (RATE.test(value)) return (Number.parseFloat(value) * 1000) / UNIT_MS[value.at(-1)!]!;
  throw new TypeError(`${option}: '${value}' is no rate; write how many in how long: 10/s, 600/m`);
}

/** A limit as it was given: '250 ms', '1.5 s', '60 s'. */
export function limitText(ms: number): string {
  return ms < 1000 ? `${ms} ms` : `${ms / 1000} s`;
}
