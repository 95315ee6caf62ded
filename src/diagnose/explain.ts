/** The causes: one file each, that finds its evidence in a trace or finds nothing. */

import { answersNotTakenUp } from './causes/answers-not-taken-up.ts';
import { awaitInLoop } from './causes/await-in-loop.ts';
import { blockingCall } from './causes/blocking-call.ts';
import { tlsContext } from './causes/client-per-request.ts';
import { connectionLimit } from './causes/connection-limit.ts';
import { handshakeChurn } from './causes/connection-per-request.ts';
import { dnsBlocksLoop } from './causes/dns-blocks-loop.ts';
import { dnsLoss } from './causes/dns-loss.ts';
import { dnsSlow } from './causes/dns-slow.ts';
import { dnsThreads } from './causes/dns-threads.ts';
import { latePatch } from './causes/late-patch.ts';
import { lock } from './causes/lock.ts';
import { loopComputes } from './causes/loop-computes.ts';
import { loopSleeps } from './causes/loop-sleeps.ts';
import { loopWaitsForChild } from './causes/loop-waits-for-child.ts';
import { nagle } from './causes/nagle.ts';
import { oneByOne } from './causes/one-by-one.ts';
import { oneProcessAtATime } from './causes/one-process-at-a-time.ts';
import { oneWorkerAsks } from './causes/one-worker.ts';
import { ownLimit } from './causes/own-limit.ts';
import { pacing } from './causes/pacing.ts';
import { gate } from './causes/queue.ts';
import { rateLimit } from './causes/rate-limit.ts';
import { resultInLoop } from './causes/result-in-loop.ts';
import { semaphore } from './causes/semaphore.ts';
import { serverQueue } from './causes/server-queues.ts';
import { streamLimit } from './causes/stream-limit.ts';
import { unexplained } from './causes/unexplained.ts';
import { unreadBodies } from './causes/unread-bodies.ts';
import { workerLimit } from './causes/worker-limit.ts';
import type { Evidence } from './evidence.ts';
import { isClientsCpu } from './facts/clients-cpu.ts';
import { fewFact } from './facts/few-at-a-time.ts';
import { pagesFact } from './facts/pages.ts';
import { pausesFact } from './facts/pauses.ts';
import { workersFact } from './facts/workers.ts';
import type { Judgement } from './judgement.ts';
import type { Cause, CauseFinder } from './scene/cause.ts';
import { greenBlocking } from './scene/green.ts';
import { lookUpsFact } from './scene/look-ups.ts';
import { type Part, sceneOf } from './scene/scene.ts';

export type { Cause, CauseFinder } from './scene/cause.ts';
export { CAUSE_IDS, type CauseId } from './scene/ids.ts';
export type { Part } from './scene/scene.ts';

const FINDERS: readonly CauseFinder[] = [
  connectionLimit,
  workerLimit,
  semaphore,
  gate,
  ownLimit,
  pacing,
  rateLimit,
  lock,
  streamLimit,
  loopComputes,
  loopSleeps,
  loopWaitsForChild,
  blockingCall,
  greenBlocking,
  tlsContext,
  dnsBlocksLoop,
  dnsLoss,
  dnsThreads,
  dnsSlow,
  handshakeChurn,
  unreadBodies,
  awaitInLoop,
  resultInLoop,
  oneWorkerAsks,
  oneByOne,
  oneProcessAtATime,
  serverQueue,
  latePatch,
  nagle,
  answersNotTakenUp,
];

/** Beside a cause that took much, one that took less of the wall time than this is not worth a word. */
const LEAST_SHARE = 0.05;
const SURE = { certain: 0, likely: 1, possible: 2 } as const;

/** Why exchanges were held up. */
export interface Explanation {
  readonly causes: readonly Cause[];
  /** What the evidence says beside them, a sentence each. */
  readonly facts: readonly string[];
  /** Nothing held them up: the time that was lost is what the requests cost the client. */
  readonly isClientsLimit: boolean;
}

/** The causes that there is evidence for, the largest share first; `unexplained` where time was lost without any. */
export function explain(judgement: Judgement, evidence: Evidence, part: Part): Explanation {
  const nothing: Explanation = { causes: [], facts: [], isClientsLimit: false };
  if (judgement.overlap === 'concurrent' && evidence.environment.length === 0) return nothing;
  const scene = sceneOf(judgement, evidence, part);
  if (judgement.overlap === 'concurrent') return { ...nothing, facts: told(workersFact(scene)) };
  const meant = pagesFact(scene) ?? pausesFact(scene);
  if (meant !== undefined) return { ...nothing, facts: told(meant) };
  const causes = ranked(FINDERS.map((find) => find(scene)).filter((cause) => cause !== undefined));
  if (causes.length > 0) return { ...nothing, causes };
  const isLost = judgement.overlap === 'serial' || judgement.overlap === 'partly';
  if (isLost && isClientsCpu(scene)) return { ...nothing, isClientsLimit: true };
  const names = lookUpsFact(scene);
  if (isLost && names !== undefined) return { ...nothing, facts: told(names) };
  const none = unexplained(scene);
  return { ...nothing, causes: none === undefined ? [] : [none], facts: told(fewFact(scene)) };
}

function told(fact: string | undefined): readonly string[] {
  return fact === undefined ? [] : [fact];
}

function ranked(found: readonly Cause[]): Cause[] {
  return found
    .map((cause) => ({ ...cause, share: Math.round(100 * Math.min(1, Math.max(0, cause.share))) / 100 }))
    .sort((a, b) => b.share - a.share || SURE[a.confidence] - SURE[b.confidence])
    .filter(({ share }, rank) => rank === 0 || share >= LEAST_SHARE);
}
