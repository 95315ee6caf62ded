import { duration, shortMs } from '../numbers.ts';
import { mean, median } from '../statistics.ts';
import { NEARLY_ALL } from '../thresholds.ts';
import type { Call, ServedRequest } from './served-requests.ts';

/** How the calls overlap that are made for one request of a route, over all of its requests. */
export interface Within {
  /** 'GET /report'; null where nobody saw what was asked. */
  readonly route: string | null;
  /** How many requests were served, and how many calls each makes (the median). */
  readonly requests: number;
  readonly calls: number;
  /** From the first call wanted to the last read, in the mean; and if all calls had been made at once. */
  readonly wallUs: number;
  readonly possibleUs: number;
  /** Each call is made when the one before has its answer. */
  readonly isSerial: boolean;
  /** Whether URLs come out of the answers before: null where nobody looked. */
  readonly isDependent: boolean | null;
  /** The calls of one request after the other. */
  readonly each: readonly (readonly Call[])[];
}

/** Two calls overlap when they share more of the shorter one. */
const LEAST_SHARED = 0.1;

/** The routes whose requests make several calls, those that lose most first. */
export function withinRequests(requests: readonly ServedRequest[]): readonly Within[] {
  const ended = requests.filter(({ calls }) => calls.every(({ toUs }) => toUs < Number.POSITIVE_INFINITY));
  const routes = Map.groupBy(ended, ({ route }) => route);
  return [...routes].map(([route, own]) => withinOf(route, own)).sort((a, b) => lostUs(b) - lostUs(a));
}

/** What its requests lost, in all. */
export function lostUs({ isSerial, requests, wallUs, possibleUs }: Within): number {
  return isSerial ? requests * (wallUs - possibleUs) : 0;
}

function withinOf(route: string | null, requests: readonly ServedRequest[]): Within {
  const each = requests.map(({ calls }) => calls);
  const several = each.filter(({ length }) => length > 1);
  return {
    route,
    requests: requests.length,
    calls: median(each.map(({ length }) => length)),
    wallUs: mean(each.map((calls) => Math.max(...calls.map(({ toUs }) => toUs)) - calls[0]!.wantedUs)),
    possibleUs: mean(each.map((calls) => Math.max(...calls.map(lengthOf)))),
    isSerial:
      several.length >= NEARLY_ALL * each.length &&
      several.filter(isInTurn).length >= NEARLY_ALL * several.length,
    isDependent: dependenceOf(several),
    each,
  };
}

function isInTurn(calls: readonly Call[]): boolean {
  return calls.slice(1).every((call, at) => {
    const before = calls[at]!;
    return before.toUs - call.wantedUs <= LEAST_SHARED * Math.min(lengthOf(before), lengthOf(call));
  });
}

function lengthOf({ wantedUs, toUs }: Call): number {
  return toUs - wantedUs;
}

function dependenceOf(several: readonly (readonly Call[])[]): boolean | null {
  const later = several.flatMap((calls) => calls.slice(1).map(({ exchange }) => exchange.from));
  const looked = later.filter((from) => from !== undefined);
  if (looked.length === 0 || looked.length < NEARLY_ALL * later.length) return null;
  return looked.filter(({ length }) => length > 0).length > looked.length / 2;
}

/** 'GET /report makes 5 upstream calls one after another in each of 40 requests' */
export function withinText({ route, requests, calls, isSerial }: Within): string {
  const how =
    calls === 1 ? '1 upstream call' : `${calls} upstream calls${isSerial ? ' one after another' : ''}`;
  const times = requests === 1 ? 'one request' : `each of ${requests} requests`;
  return route === null ? `the server makes ${how} for ${times}` : `${route} makes ${how} in ${times}`;
}

/** The same with its times. */
export function timedText(within: Within): string {
  const { wallUs, possibleUs } = within;
  return `${withinText(within)}; ${duration(wallUs)} each, ${duration(possibleUs)} possible (${(wallUs / possibleUs).toFixed(1)}x)`;
}

/** A route as `--json` gives it: the calls of one request, in the mean. */
export interface RouteJson {
  readonly route: string | null;
  readonly requests: number;
  readonly calls: number;
  readonly serial: boolean;
  readonly wallMs: number;
  /** If all calls of a request had been made at once. */
  readonly possibleWallMs: number;
}

const ROUTES_SHOWN = 20;

/** The routes that lose most. */
export function routesJson(routes: readonly Within[]): readonly RouteJson[] {
  return routes.slice(0, ROUTES_SHOWN).map(({ route, requests, calls, isSerial, wallUs, possibleUs }) => ({
    route,
    requests,
    calls,
    serial: isSerial,
    wallMs: shortMs(wallUs),
    possibleWallMs: shortMs(possibleUs),
  }));
}
