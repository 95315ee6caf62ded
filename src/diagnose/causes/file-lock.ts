import type { Block } from '../../trace/index.ts';
import { msOf } from '../found.ts';
import { ownFrame, placeOf, placesOf } from '../languages/frames.ts';
import { rule } from '../rule.ts';
import { nameOf, processesOf } from '../scene/processes.ts';
import type { Scene } from '../scene/scene.ts';
import { unionUs } from '../spans.ts';
import { MOSTLY, NEARLY_ALL } from '../thresholds.ts';

/** Processes that wait for one another's lock on a file, and send their requests while they have it. */
export const fileLock = rule({
  id: 'file-lock',
  step: 'wanted',
  means: 'processes wait for the lock of a file, which one at a time holds',
  toldFrom:
    'processes that wait in flock and then send a request, or start the one that does, one after another',
  fix: {
    any: 'Hold the lock only for what has to be kept together, not across the request; or give each process a file of its own to lock.',
  },
  sure: 'certain',
  references: [
    {
      url: 'https://man7.org/linux/man-pages/man1/flock.1.html',
      title: 'flock: manage locks from shell scripts',
    },
  ],
  yieldsTo: [],
  find: (scene) => {
    const { judgement, exchanges } = scene;
    if (judgement.overlap !== 'serial' || judgement.step !== 'wanted') return undefined;
    const waits = waitsBefore(scene);
    const pids = new Set(waits.map(({ pid }) => pid));
    // The first to come has the lock at once.
    if (pids.size < 2 || pids.size < NEARLY_ALL * (exchanges.length - 1)) return undefined;
    const us = unionUs(waits, scene);
    if (us < MOSTLY * (scene.toUs - scene.fromUs)) return undefined;
    const own = ownFrame(scene.framesOf(waits.find(({ stack }) => stack !== undefined)?.stack));
    const name = nameOf(processesOf(scene).get(waits[0]!.pid));
    return {
      confidence: 'certain',
      share: scene.lostShare,
      text: `${pids.size} processes${name === undefined ? '' : ` of ${name}`} waited for the lock of a file (flock${own === undefined ? '' : ` at ${placeOf(own)}`}) before they sent their request.`,
      because: ['Each waited until the one before had its answer and released the lock.'],
      places: placesOf(own, undefined),
      evidence: [{ kind: 'waits', waits: waits.length, exchanges: pids.size, ms: msOf(us) }],
    };
  },
});

/** Waits for the lock of a file that ended before the request of the same process, or of its child. */
function waitsBefore(scene: Scene): readonly Block[] {
  const flocks = Map.groupBy(
    scene.blocks.filter(({ wait }) => wait.call === 'flock'),
    ({ pid }) => pid,
  );
  const processes = processesOf(scene);
  return scene.exchanges.flatMap(({ exchange: { pid }, times, endUs }) => {
    const own =
      pid === undefined ? undefined : (flocks.get(pid) ?? flocks.get(processes.get(pid)?.parent ?? -1));
    return own?.filter(({ toUs }) => toUs <= Math.min(times.sent, endUs)).slice(-1) ?? [];
  });
}
