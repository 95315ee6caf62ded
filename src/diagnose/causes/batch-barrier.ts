import type { CauseFound, Fix } from '../found.ts';
import { ownFrame, placeOf, placesOf } from '../languages/frames.ts';
import { duration } from '../numbers.ts';
import { rule } from '../rule.ts';
import { requestsBetween } from '../scene/between.ts';
import type { Scene } from '../scene/scene.ts';

const FIX: Fix = {
  any: 'Give all requests at once to a pool or a semaphore of the same size: it starts the next one as soon as any is done.',
  python:
    'Give all requests at once to a pool of the same size: `with ThreadPoolExecutor(N) as pool: list(pool.map(get, urls))`. With asyncio: one `gather` over all, where each call is made within `async with permits`, and `permits = asyncio.Semaphore(N)` is one for all.',
  node: 'Start N loops that take the next URL from one shared iterator, or give all URLs to a limiter such as p-limit: the next one starts as soon as any is done.',
  ruby: 'Let N threads take the next URL from one `Queue`: each starts the next one as soon as its own is done.',
};

/** All of a batch have to be read before the next one begins: the slowest of each delays the rest. */
export const batchBarrier = rule({
  id: 'batch-barrier',
  step: 'wanted',
  means: 'requests go in batches, and each batch waits for the slowest of the one before',
  toldFrom:
    'rounds of one size at one line, each wanted when the last of the round before was read; or single requests, each wanted when the last of a batch at another line was read',
  fix: FIX,
  sure: 'certain where no URL came out of an earlier answer, else likely',
  references: [
    {
      language: 'python',
      url: 'https://github.com/fsspec/filesystem_spec/pull/1544',
      title: 'Limit coroutines using a pool instead of chunks',
    },
  ],
  yieldsTo: [],
  find: (scene) => {
    const { batches } = scene.judgement;
    if (batches === null) return keptApart(scene);
    const { size, count, atOnceUs, isIndependent } = batches;
    return {
      confidence: isIndependent ? 'certain' : 'likely',
      share: scene.lostShare,
      text: `Requests go in ${count} batches of ${size}, and each batch begins only when the slowest of the one before is read.`,
      because: [
        `All at once, it could take ${duration(atOnceUs)}.`,
        ...(isIndependent
          ? []
          : ['That is right only where URLs come out of the answers of the batch before.']),
      ],
      places: placesOf(askingFrame(scene)),
      evidence: [{ kind: 'batches', size, batches: count }],
    };
  },
});

const NEXT_FIRST = 'Start the next request before you wait for the others.';
const NEXT_FIRST_IF =
  'If the URL of the next request does not come out of their answers, start it before you wait for the others.';

/** Requests one after another, with a batch at another line between each two: pages, and the details of each page. */
function keptApart(scene: Scene): CauseFound | undefined {
  const { overlap, step, wanted } = scene.judgement;
  if (overlap !== 'serial' || step !== 'wanted' || wanted === null) return undefined;
  const between = requestsBetween(scene);
  const frame = askingFrame(scene);
  if (between === undefined || frame === undefined) return undefined;
  const { count, at, isIndependent } = between;
  const others = `${count} other requests${at === null ? '' : ` at ${at}`}`;
  return {
    confidence: isIndependent ? 'certain' : 'likely',
    share: scene.lostShare,
    text: `Before each request at ${placeOf(frame)} the program waits until ${others} are read.`,
    because: isIndependent ? [] : ['That is right only where its URL comes out of their answers.'],
    places: placesOf(frame),
    evidence: [{ kind: 'batches', size: count, batches: scene.exchanges.length }],
    fix: isIndependent ? NEXT_FIRST : NEXT_FIRST_IF,
  };
}

/** The program's line that made the most requests. */
function askingFrame(scene: Scene) {
  const stacks = Map.groupBy(scene.exchanges, ({ exchange: { stack } }) => stack);
  stacks.delete(undefined);
  const [most] = [...stacks].sort(([, one], [, other]) => other.length - one.length);
  return most && ownFrame(scene.framesOf(most[0]));
}
