import { HIDDEN } from '../../trace/index.ts';
import { chainedIn } from '../chains.ts';
import type { Fix } from '../found.ts';
import { calledOf, placesOf } from '../languages/frames.ts';
import { isKnownFor } from '../languages/index.ts';
import { rule } from '../rule.ts';
import { askingOf } from '../scene/asking.ts';
import { shortPlace } from '../scene/modules.ts';
import { fixFor } from '../scene/program.ts';
import type { Scene, Seen } from '../scene/scene.ts';
import { NEARLY_ALL } from '../thresholds.ts';

const FIX: Fix = {
  any: 'If no URL comes out of an earlier answer, start all of them first and wait then.',
  python:
    'If no URL comes out of an earlier answer, start all first: `with ThreadPoolExecutor(N) as pool: list(pool.map(get, urls))`.',
  ruby: 'If no URL comes out of an earlier answer, start all first: `urls.map { |url| Thread.new { get(url) } }.map(&:value)`.',
  node: 'If no URL comes out of an earlier answer, start all first: `await Promise.all(urls.map(get))`.',
};
const GATHERED =
  'If no URL comes out of an earlier answer, start all first: `await asyncio.gather(*(get(url) for url in urls))`, or a task group.';

/** One unit of work that asks for each only after it has read the one before. */
export const awaitInLoop = rule({
  id: 'await-in-loop',
  step: 'wanted',
  means: 'the caller waits for each request before it asks for the next',
  toldFrom: 'all were wanted at one line, each after the last was read; nothing else was pending',
  fix: FIX,
  sure: 'certain where a URL comes again, or is in no earlier answer, else likely: its URL may come out of the answer before',
  references: [
    {
      language: 'node',
      url: 'https://github.com/standard/standard/issues/737',
      title: 'Disallow await inside of loops (no-await-in-loop)',
    },
  ],
  yieldsTo: ['batch-barrier', 'result-in-loop', 'one-worker'],
  find: (scene) => {
    const { judgement, exchanges } = scene;
    if (judgement.overlap !== 'serial' || judgement.step !== 'wanted' || judgement.wanted === null)
      return undefined;
    const pids = new Set(exchanges.map(({ exchange }) => exchange.pid));
    if (pids.size >= NEARLY_ALL * exchanges.length && pids.size > 1) return undefined;
    const asking = askingOf(scene);
    if (asking === undefined) return undefined;
    const { frame, exchanges: own } = asking;
    const line = `${frame.file}:${frame.line}`;
    // A URL that comes again comes out of no answer; of others only the program's data tells.
    const isSure = isRepeated(own) || isIndependent(scene, own);
    const isAwaited = isAsynchronous(scene);
    return {
      confidence: isSure ? 'certain' : 'likely',
      share: scene.lostShare,
      text: `The caller ${isAwaited ? 'awaits' : 'waits for'} each request before it asks for the next, at ${shortPlace(line)}: one at a time; nothing else was pending.`,
      because: isSure ? [] : ['That is right only where a URL comes out of the answer before it.'],
      places: placesOf(frame),
      evidence: [{ kind: 'in-turn', exchanges: own.length, at: line }],
      fix: fixInLoop(scene),
    };
  },
});

/** What to do about it, in the words of the program's language, and of its way to wait. */
export function fixInLoop(scene: Scene): string {
  return fixFor(scene, isAsynchronous(scene) ? { ...FIX, python: GATHERED } : FIX);
}

/** What the trace hides of URLs makes them look the same: the token of a next page is such a thing. */
function isRepeated(own: readonly Seen[]): boolean {
  const urls = own.map(({ exchange: { url } }) => url);
  return !urls.some((url) => url?.includes(HIDDEN)) && new Set(urls).size <= own.length / 2;
}

/** Whether a recorder looked for the URLs in earlier answers, and hardly any came out of the one before. */
function isIndependent(scene: Scene, own: readonly Seen[]): boolean {
  const chained = chainedIn(scene.evidence);
  const looked = own.slice(1).filter(({ exchange }) => exchange.from !== undefined);
  const alone = looked.filter(({ exchange }) => !chained.has(exchange));
  return looked.length >= NEARLY_ALL * (own.length - 1) && alone.length >= NEARLY_ALL * looked.length;
}

function isAsynchronous({ environments, exchanges, units, framesOf }: Scene): boolean {
  return (
    environments.some(({ language }) => language === 'node') ||
    exchanges.some(({ exchange: { unit } }) => unit !== undefined && units.get(unit)?.type === 'task') ||
    framesOf(exchanges[0]?.exchange.stack).some((frame) => isKnownFor('event-loop', calledOf(frame)))
  );
}
