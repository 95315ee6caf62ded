/** A length of time with its unit: '250ms', '10s', '5m', '1h'. */
export type Duration = `${number}${'ms' | 's' | 'm' | 'h'}`;

/** How many in how long: '10/s', '600/m'. */
export type Rate = `${number}/${'s' | 'm' | 'h'}`;

const UNIT_MS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };

/** Milliseconds of '250ms', '10s', '5m', '1h'. @throws TypeError naming the option when it has no such form. */
export function durationMs(value: Duration | string, option: string): number {
  const match = /^(\d+(?:\.\d+)?)(ms|s|m|h)$/.exec(value);
  const ms = match ? Number(match[1]) * UNIT_MS[match[2]!]! : 0;
  if (ms > 0) return ms;
  throw new TypeError(`${option}: '${value}' is no length of time; write it with a unit: 250ms, 10s, 5m, 1h`);
}

/** Requests a second of '10/s', '600/m', '1000/h'. @throws TypeError naming the option when it has no such form. */
export function ratePerS(value: Rate | string, option: string): number {
  const match = /^(\d+(?:\.\d+)?)\/(s|m|h)$/.exec(value);
  const rate = match ? (Number(match[1]) * 1000) / UNIT_MS[match[2]!]! : 0;
  if (rate > 0) return rate;
  throw new TypeError(`${option}: '${value}' is no rate; write how many in how long: 10/s, 600/m`);
}
