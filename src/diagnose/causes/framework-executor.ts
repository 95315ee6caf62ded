import type { Frame } from '../../trace/index.ts';
import type { CauseFound } from '../found.ts';
import { calledOf, ownFrame, placeOf } from '../languages/frames.ts';
import { isPrimitive, packageOf } from '../languages/index.ts';
import { fewWorkers, type Waiting, waitingBefore } from '../model/index.ts';
import { rule } from '../rule.ts';
import { fromOf, withVersion } from '../scene/modules.ts';
import type { Scene } from '../scene/scene.ts';

/** A framework that runs all synchronous code on one thread: as if there were no other. */
export const frameworkExecutor = rule({
  id: 'framework-executor',
  step: 'dispatched',
  means: 'a framework runs all synchronous code on one thread',
  toldFrom: 'an executor of one, and the package that hands work to it',
  fix: {
    any: 'If this call may run beside others, let the framework use more threads for it.',
    python:
      'If this call may run beside others: `sync_to_async(f, thread_sensitive=False)` or `await asyncio.to_thread(f)`. Or use an asynchronous client.',
  },
  sure: 'certain with the waits and the limit, else likely',
  references: [
    {
      language: 'python',
      url: 'https://docs.djangoproject.com/en/stable/topics/async/#sync-to-async',
      title: 'Django: sync_to_async() and thread_sensitive mode',
    },
  ],
  yieldsTo: [],
  find: (scene) => {
    const few = fewWorkers(scene);
    const waits = waitingBefore(scene, 'executor');
    if (waits === undefined || (few?.workers !== 1 && !isOneThread(scene, waits))) return undefined;
    const frames = scene.framesOf(waits.each[0]!.block.stack);
    const by = handedBy(frames);
    if (by === undefined) return undefined;
    const own = ownFrame(frames);
    const { confidence, because, evidence, places } = few?.workers === 1 ? few.found : foundBy(waits);
    return {
      confidence,
      because: because ?? [],
      evidence,
      share: waits.share,
      text: `${withVersion(scene, packageOf(by.file)!)} runs synchronous code on one thread (${calledOf(by)}${own === undefined ? '' : `, called at ${placeOf(own)}`}): one request at a time.`,
      places: [...waits.places, ...places.filter((place) => !place.own)],
      ...fromOf(scene, by),
    };
  },
});

/** Whether each waited for an executor of one thread: there may be one for each request that is served. */
function isOneThread({ evidence: { resource } }: Scene, { each }: Waiting): boolean {
  const capacities = new Map(resource.map(({ id, capacity }) => [id, capacity]));
  return each.every(({ block: { wait } }) => capacities.get(wait.resource ?? -1) === 1);
}

function foundBy({
  seen,
  places,
}: Waiting): Pick<CauseFound, 'confidence' | 'because' | 'evidence' | 'places'> {
  return { confidence: 'certain', because: [], evidence: [seen], places };
}

/** The package that hands work from a loop to the executor; undefined where the program does so, or a package without a loop. */
function handedBy(frames: readonly Frame[]): Frame | undefined {
  const plumbing = frames.findIndex(
    ({ file }) => !isPrimitive(file) && !/[/\\](?:asyncio|concurrent)[/\\]/.test(file),
  );
  const by = frames[plumbing];
  if (!frames.slice(0, plumbing).some(({ file }) => /[/\\]asyncio[/\\]/.test(file))) return undefined;
  return by !== undefined && packageOf(by.file) !== undefined ? by : undefined;
}
