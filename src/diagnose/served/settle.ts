import { countWhile, type Exchange, type Unit } from '../../trace/index.ts';
import type { Evidence } from '../evidence.ts';
import { sinceLast } from '../spans.ts';
import { timesOf } from '../steps.ts';
import { NEARLY_ALL } from '../thresholds.ts';
import { exchangesServed, type ServedRequest, servedRequests } from './served-requests.ts';

/** Clocks of two processes, and the way between them. */
const SLACK_US = 5_000;
/** A server has this part of its work on a request left to do when the client has the answer. */
const AFTER_ANSWER = 0.1;
/** So many exchanges before a moment are looked at for one that is still open then. */
const MOST_BACK = 200;

/**
 * Separates the requests that a server serves from those that it makes. Where its load generator was recorded too, the
 * exchanges of that are left out. And a call is wanted when its request arrives, if it goes out only when the call of
 * another request is answered: then it waited for that one.
 */
export function settleServed(evidence: Evidence): void {
  const served = exchangesServed(evidence);
  if (served.size < 2) return;
  const ofServer = new Set([...served.values()].flat());
  const own = originsOfItself(
    [...served.keys()],
    evidence.exchange.filter((one) => !ofServer.has(one)),
  );
  if (own.size > 0) {
    const kept = evidence.exchange.filter((one) => ofServer.has(one) || !own.has(one.origin));
    evidence.fromClients = evidence.exchange.length - kept.length;
    evidence.exchange.splice(0, evidence.exchange.length, ...kept);
  }
  const since = waitedSince(servedRequests(evidence));
  evidence.exchange.forEach((exchange, at) => {
    const wantedUs = since.get(exchange);
    if (wantedUs !== undefined) evidence.exchange[at] = { ...exchange, wantedUs };
  });
}

/** The origins whose exchanges are the other end of what the server serves: nearly each request lies within one of them. */
function originsOfItself(requests: readonly Unit[], others: readonly Exchange[]): ReadonlySet<string> {
  const origins = Map.groupBy(others, ({ origin }) => origin);
  return new Set(
    [...origins].flatMap(([origin, exchanges]) => {
      const spans = exchanges
        .flatMap((exchange) => timesOf(exchange) ?? [])
        .sort((a, b) => a.wanted - b.wanted);
      const starts = spans.map(({ wanted }) => wanted);
      const within = requests.filter(({ madeUs = 0, endedUs }) => {
        const answeredUs = answeredBy(madeUs, endedUs ?? Number.POSITIVE_INFINITY);
        const last = countWhile(starts, (start) => start <= madeUs + SLACK_US);
        return spans.slice(Math.max(0, last - MOST_BACK), last).some(({ end }) => end >= answeredUs);
      });
      return within.length >= NEARLY_ALL * requests.length ? [origin] : [];
    }),
  );
}

/** When the client has the answer at the earliest. */
function answeredBy(madeUs: number, endedUs: number): number {
  return endedUs === Infinity ? endedUs : endedUs - Math.max(SLACK_US, AFTER_ANSWER * (endedUs - madeUs));
}

/** A call that follows the end of another one within this part of its own time waited for it. */
const AT_ONCE = 0.2;
const AT_ONCE_US = 20_000;

/**
 * When the calls were wanted that each waited for the answer to the call of another request. None, unless nearly all of
 * those did that came while another one was under way.
 */
function waitedSince(requests: readonly ServedRequest[]): ReadonlyMap<Exchange, number> {
  const firsts = requests.flatMap(({ fromUs, calls: [call] }) =>
    call === undefined ? [] : [{ fromUs, call }],
  );
  const ends = firsts.map(({ call }) => call.toUs).sort((a, b) => a - b);
  const isOneAtATime = firsts
    .toSorted((a, b) => a.call.wantedUs - b.call.wantedUs)
    .every(({ call }, at, all) => at === 0 || all[at - 1]!.call.toUs <= call.wantedUs + SLACK_US);
  if (!isOneAtATime) return new Map();
  const late = firsts.filter(({ fromUs, call }) => call.wantedUs - fromUs > AT_ONCE_US);
  const waited = late.filter(({ fromUs, call }) => {
    const lagUs = sinceLast(ends, call.wantedUs + SLACK_US) - SLACK_US;
    const atOnceUs = Math.max(AT_ONCE_US, AT_ONCE * (call.toUs - call.wantedUs));
    return lagUs < call.wantedUs - fromUs && lagUs < atOnceUs;
  });
  if (waited.length < 2 || waited.length < NEARLY_ALL * late.length) return new Map();
  return new Map(waited.map(({ fromUs, call }) => [call.exchange, fromUs]));
}
