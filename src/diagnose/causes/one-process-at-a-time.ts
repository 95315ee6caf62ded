import type { Cause } from '../scene/cause.ts';
import { nameOf, processesOf } from '../scene/processes.ts';
import type { Scene } from '../scene/scene.ts';
import { childrenWaitedFor } from './loop-waits-for-child.ts';

/** Processes of one request each, none of which runs while another does. */
export function oneProcessAtATime(scene: Scene): Cause | undefined {
  const { judgement, exchanges } = scene;
  if (judgement.overlap !== 'serial' || judgement.step !== 'wanted') return undefined;
  const pids = new Set(exchanges.map(({ exchange }) => exchange.pid));
  if (pids.has(undefined) || pids.size < 2 || pids.size < 0.8 * exchanges.length) return undefined;
  if (childrenWaitedFor(scene) !== undefined) return undefined;
  const processes = processesOf(scene);
  const own = [...pids].flatMap((pid) => processes.get(pid!) ?? []);
  const [first] = own;
  const starter = first?.parent === undefined ? undefined : processes.get(first.parent);
  const child = nameOf(first) ?? 'process';
  const parent = nameOf(starter);
  return {
    id: 'one-process-at-a-time',
    confidence: own.length > 0 ? 'certain' : 'likely',
    text: `${pids.size} processes${child === 'process' ? '' : ` of ${child}`}, one at a time${parent === undefined ? '' : `, started by ${parent}`}: each made ${exchanges.length === pids.size ? 'one request' : 'its requests'} and ended before the next began.`,
    share: scene.lostShare,
    evidence: own
      .slice(0, 5)
      .map(({ pid, parent: by }) => `process ${pid}${by === undefined ? '' : ` of ${by}`}: ${child}`),
    remedy:
      parent === 'xargs'
        ? 'Give xargs -P N: so many processes at once.'
        : 'Start the next without waiting for the one before (xargs -P N, & and wait), or give all URLs to one process that gets them side by side.',
    reference: 'curl/everything-curl#92',
  };
}
