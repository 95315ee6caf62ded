import type { Cause } from '../scene/cause.ts';
import type { Scene, Seen } from '../scene/scene.ts';
import { seconds } from '../scene/waiting.ts';

/** A server, or a proxy before it, that takes few at a time, or answers one by one. */
export function serverQueue(scene: Scene): Cause | undefined {
  if (scene.judgement.step !== 'answered') return undefined;
  const answered = scene.exchanges.filter(({ times }) => times.answered < Infinity && times.sent < Infinity);
  if (answered.length < 5) return undefined;
  const atOnce = servedAtOnce(answered);
  const proxy = proxyOf(scene, answered);
  const who = proxy === undefined ? 'the server' : `the proxy ${proxy}`;
  const streams = sharedOf(scene, answered);
  const shortest = Math.min(...answered.map(({ waits }) => waits.answered));
  const longest = Math.max(...answered.map(({ waits }) => waits.answered));
  return {
    id: proxy === undefined ? 'server-queues' : 'proxy-queues',
    confidence: 'possible',
    text: `All were sent at once, and ${who} answered ${atOnce === 1 ? 'one at a time' : `${atOnce} at a time`}: answers came ${seconds(shortest / atOnce)} apart, up to ${seconds(longest)} after their request. ${streams === undefined ? 'The limit is beyond this program.' : `${streams}: it may allow no more streams at once.`}`,
    share: scene.lostShare,
    evidence: [
      `${answered.length} exchanges sent within ${seconds(Math.max(...answered.map(({ times }) => times.sent)) - Math.min(...answered.map(({ times }) => times.sent)))}, answered over ${seconds(Math.max(...answered.map(({ times }) => times.answered)) - Math.min(...answered.map(({ times }) => times.answered)))}`,
      ...(proxy === undefined
        ? []
        : [`their connections go to ${proxy}, not to ${answered[0]!.exchange.origin}`]),
    ],
    remedy:
      proxy === undefined
        ? 'Ask one at a time: if each is then answered as soon as the first, the server has few workers, or a lock for a session (try another cookie).'
        : 'Try without the proxy, or raise the number of connections that it carries.',
    reference: proxy === undefined ? 'pallets/flask#2529' : 'apify/proxy-chain#60',
  };
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
