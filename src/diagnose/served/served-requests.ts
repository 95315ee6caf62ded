import type { Exchange, Unit } from '../../trace/index.ts';
import type { Evidence } from '../evidence.ts';
import { timesOf } from '../steps.ts';
import { MOSTLY } from '../thresholds.ts';

/** A request that the program serves, and the calls that it made to serve it, in order. */
export interface ServedRequest {
  readonly unit: Unit;
  /** 'GET /report'; null where the recorder did not see what was asked. */
  readonly route: string | null;
  readonly fromUs: number;
  /** Infinity where it was never answered. */
  readonly toUs: number;
  readonly calls: readonly Call[];
}

/** An upstream request, with its retries and redirects. */
export interface Call {
  readonly exchange: Exchange;
  readonly wantedUs: number;
  /** When its last exchange ended; Infinity while it is open. */
  readonly toUs: number;
}

/**
 * The requests that a server serves and makes calls for, in order; none where most exchanges were made for something else:
 * then the program is no server.
 */
export function servedRequests(evidence: Evidence): readonly ServedRequest[] {
  const served = exchangesServed(evidence);
  const made = [...served.values()].reduce((sum, { length }) => sum + length, 0);
  if (made < MOSTLY * evidence.exchange.length) return [];
  return [...served].map(servedRequestOf).sort((a, b) => a.fromUs - b.fromUs);
}

/** What was made for each request that is served. */
export function exchangesServed(evidence: Evidence): ReadonlyMap<Unit, readonly Exchange[]> {
  const units = new Map(evidence.unit.map((unit) => [unit.id, unit]));
  const served = new Map<Unit, Exchange[]>();
  for (const exchange of evidence.exchange) {
    const unit = servedBy(exchange.unit, units);
    const own = unit && served.get(unit);
    if (own !== undefined) own.push(exchange);
    else if (unit !== undefined) served.set(unit, [exchange]);
  }
  return served;
}

/** The served request among a unit and those that made it. */
function servedBy(id: number | undefined, units: ReadonlyMap<number, Unit>): Unit | undefined {
  const seen = new Set<number>();
  for (let at = id; at !== undefined && !seen.has(at); at = units.get(at)?.parent) {
    const unit = units.get(at);
    if (unit?.type === 'served-request') return unit;
    seen.add(at);
  }
  return undefined;
}

function servedRequestOf([unit, exchanges]: readonly [Unit, readonly Exchange[]]): ServedRequest {
  const byRequest = Map.groupBy(exchanges, ({ request, id }) => request ?? -id);
  return {
    unit,
    route: routeOf(unit),
    fromUs: unit.madeUs ?? unit.begunUs ?? 0,
    toUs: unit.endedUs ?? Number.POSITIVE_INFINITY,
    calls: [...byRequest.values()].flatMap(callOf).sort((a, b) => a.wantedUs - b.wantedUs),
  };
}

function routeOf({ method, route }: Unit): string | null {
  if (route === undefined) return null;
  const path = route.replace(IDENTIFIER, '/*');
  return method === undefined ? path : `${method} ${path}`;
}

/** A part of a path that names one of many: it holds a digit, and is no version. */
const IDENTIFIER = /\/(?!v\d+(?:\/|$))(?=[^/]*\d)[^/]+/g;

function callOf(exchanges: readonly Exchange[]): Call[] {
  const timed = exchanges.flatMap((exchange) => {
    const times = timesOf(exchange);
    return times === undefined ? [] : [{ exchange, times }];
  });
  const [first] = timed.sort((a, b) => a.times.wanted - b.times.wanted);
  if (first === undefined) return [];
  const toUs = Math.max(...timed.map(({ times }) => times.end));
  return [{ exchange: first.exchange, wantedUs: first.times.wanted, toUs }];
}
