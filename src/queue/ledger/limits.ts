import type { Shares } from '../../execute/index.ts';
import { type OriginState, ratePerS } from '../../fetch/index.ts';
import type { Report } from '../../report/index.ts';
import { type Amounts, CONCURRENCY } from './shares.ts';

/** The prefix of limits by origin, before the host pattern. They keep their order: the first pattern that matches counts. */
const PER_ORIGIN = 'perOrigin ';

/** The limits of a run that its workers share. */
export function amountsOf({ concurrency, perOrigin, rate, perOriginRate }: Report['limits']): Amounts {
  return {
    [CONCURRENCY]: concurrency,
    ...Object.fromEntries(perOrigin.map(([pattern, most]) => [PER_ORIGIN + pattern, most])),
    ...(rate !== null && { rate: ratePerS(rate, 'rate') }),
    ...(perOriginRate !== null && { perOriginRate: ratePerS(perOriginRate, 'perOriginRate') }),
  };
}

/** How much of each limit is in use: of a limit by origin, the largest number that one origin uses. */
export function inUseOf(busy: number, origins: readonly OriginState[]): Amounts {
  const used: Record<string, number> = { [CONCURRENCY]: busy };
  for (const { limitedBy, active } of origins) {
    if (limitedBy === null) continue;
    const name = PER_ORIGIN + limitedBy;
    used[name] = Math.max(used[name] ?? 0, active);
  }
  return used;
}

/** A share of them in the form that an engine takes. Without a share of the concurrency the engine sends nothing. */
export function limitsOf(share: Amounts): Shares {
  const { concurrency = 0, rate, perOriginRate } = share;
  if (concurrency === 0) return { concurrency };
  const perOrigin = Object.entries(share)
    .filter(([name]) => name.startsWith(PER_ORIGIN))
    .map(([name, most]) => [name.slice(PER_ORIGIN.length), most] as const);
  return {
    concurrency,
    ...(perOrigin.length > 0 && { perOrigin }),
    ...(rate !== undefined && { ratePerS: rate }),
    ...(perOriginRate !== undefined && { perOriginRatePerS: perOriginRate }),
  };
}
