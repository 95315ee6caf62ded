import { either, type Http2Scene, type Step } from '../case.ts';
import type { Plan, PlannedAsk } from '../plan.ts';
import type { Random } from '../random.ts';
import { settings } from './frames.ts';
import { broken, ok, type Way, whole } from './way.ts';
import { CONNECTIONS } from './ways/connections.ts';
import { GREETINGS } from './ways/greetings.ts';
import { HEADS } from './ways/heads.ts';
import { SOUND } from './ways/sound.ts';
import { STREAMS } from './ways/streams.ts';

const GROUPS: readonly (readonly [weight: number, ways: readonly Way[]])[] = [
  [3, SOUND],
  [3, HEADS],
  [4, STREAMS],
  [4, CONNECTIONS],
  [4, GREETINGS],
];

/** A server of HTTP/2 that is unusual in one way; a few requests, of which one or all meet it. */
export function http2Case(random: Random, label: string): Plan {
  const way = random.one(random.weighted(GROUPS));
  const count = way.alone
    ? 1
    : random.weighted([
        [3, 1],
        [2, random.between(2, 12)],
      ] as const);
  // Others on the same connection must be served as if nothing were.
  const others = way.harms === 'stream' && count > 1;
  const bodies = Array.from({ length: count }, (_, i) =>
    Buffer.from(`${label}${i} ${'x'.repeat(random.one([0, 10, 500, 5000]))}`),
  );
  const asks = bodies.map(
    (body, i): PlannedAsk => ({
      scheme: 'https',
      host: 'own',
      profile: way.hasty ? 'h2-hasty' : 'h2',
      truth:
        others && i > 0
          ? whole(body)
          : way.harms === 'connection' && count > 1
            ? either(way.truth(body), broken())
            : way.truth(body),
      peers: count === 1 && !way.hasty ? ['undici', 'curl'] : [],
    }),
  );
  const choices = random.below(2 ** 30);
  const scene: Http2Scene = {
    greeting: saying(way.greeting?.(random) ?? [settings()]),
    acknowledges: way.acknowledges ?? true,
    answer: (ask, _rest, stream) =>
      saying(
        others && ask > 0
          ? ok(stream, bodies[ask]!)
          : way.answer(stream, bodies[ask]!, random.fork(choices + ask)),
      ),
  };
  return { marks: [`h2-${way.mark}`], asks, scene: { http2: scene } };
}

function saying(parts: readonly (Buffer | Step)[]): Step[] {
  return parts.map((part) => (Buffer.isBuffer(part) ? { say: part } : part));
}
