import { type CauseFound, msOf } from '../found.ts';
import { duration } from '../numbers.ts';
import { ofScene, type Scene, type Seen } from './scene.ts';

/** Fewer answers have no distance between them. */
const LEAST_ANSWERS = 5;

/** A server, or a proxy before it, that takes few at a time, or answers one by one. */
export interface LateServer {
  /** Where the connections go, if not to the server that was asked. */
  readonly proxy: string | undefined;
  readonly found: CauseFound;
}

/** Undefined where answers were not what was late. */
export const lateServer = ofScene((scene): LateServer | undefined => {
  if (scene.judgement.step !== 'answered') return undefined;
  const answered = scene.exchanges.filter(({ times }) => times.answered < Infinity && times.sent < Infinity);
  if (answered.length < LEAST_ANSWERS) return undefined;
  const atOnce = servedAtOnce(answered);
  const proxy = proxyOf(scene, answered);
  const who = proxy === undefined ? 'the server' : `the proxy ${proxy}`;
  const streams = sharedOf(scene, answered);
  const shortest = Math.min(...answered.map(({ waits }) => waits.answered));
  const longest = Math.max(...answered.map(({ waits }) => waits.answered));
  const { origin } = answered[0]!.exchange;
  return {
    proxy,
    found: {
      confidence: 'possible',
      share: scene.lostShare,
      text: `All were sent at once, and ${who} answered ${atOnce === 1 ? 'one at a time' : `${atOnce} at a time`}.`,
      because: [
        `Answers came ${duration(shortest / atOnce)} apart, up to ${duration(longest)} after their request.`,
        streams === undefined
          ? 'The limit is beyond this program.'
          : `${streams}: it may allow no more streams at once.`,
      ],
      places: [],
      evidence: [
        {
          kind: 'burst',
          exchanges: answered.length,
          sentMs: msOf(spread(answered.map(({ times }) => times.sent))),
          answeredMs: msOf(spread(answered.map(({ times }) => times.answered))),
        },
        ...(proxy === undefined ? [] : [{ kind: 'proxy', address: proxy, origin } as const]),
      ],
    },
  };
});

function spread(times: readonly number[]): number {
  return Math.max(...times) - Math.min(...times);
}

/** Where they all went over few HTTP/2 connections, the limit of streams may be what queues them (RFC 9113 §5.1.2). */
function sharedOf({ connections }: Scene, answered: readonly Seen[]): string | undefined {
  const used = new Set(answered.map(({ exchange }) => exchange.connection));
  const shared = [...used].every(
    (id) =>
      typeof id === 'number' && connections.get(id)?.protocol === 'h2' && used.size < answered.length / 2,
  );
  if (!shared) return undefined;
  return `They share ${used.size === 1 ? 'one HTTP/2 connection' : `${used.size} HTTP/2 connections`}`;
}

/** How many were being served at once: the time that one takes alone, over the mean time between two answers. */
function servedAtOnce(answered: readonly Seen[]): number {
  const ends = answered.map(({ times }) => times.answered).sort((a, b) => a - b);
  const alone = Math.min(...answered.map(({ waits }) => waits.answered));
  const gap = (ends.at(-1)! - ends[0]!) / (ends.length - 1);
  return gap <= 0 ? answered.length : Math.max(1, Math.min(answered.length, Math.round(alone / gap)));
}

/** Where the connections go, if not to the server that was asked. */
function proxyOf({ connections }: Scene, answered: readonly Seen[]): string | undefined {
  const peers = answered.flatMap(({ exchange }) => {
    const connection =
      typeof exchange.connection === 'number' ? connections.get(exchange.connection) : undefined;
    return connection === undefined || connection.origin === exchange.origin ? [] : [connection.origin];
  });
  return peers.length > answered.length / 2 ? peers[0] : undefined;
}
