/** The causes: one file each, that finds its evidence in a trace or finds nothing. */
import type { Evidence } from '../evidence.ts';
import type { Judgement } from '../judgement.ts';
import { answersNotTakenUp } from './answers-not-taken-up.ts';
import { awaitInLoop } from './await-in-loop.ts';
import { blockingCall } from './blocking-call.ts';
import type { Cause, CauseFinder } from './cause.ts';
import { isClientsCpu } from './clients-cpu.ts';
import { connectionLimit } from './connection-limit.ts';
import { dnsBlocksLoop } from './dns-blocks-loop.ts';
import { dnsLoss } from './dns-loss.ts';
import { dnsSlow } from './dns-slow.ts';
import { dnsThreads } from './dns-threads.ts';
import { fewFact } from './few-at-a-time.ts';
import { gate } from './gate.ts';
import { greenBlocking } from './green-blocking.ts';
import { handshakeChurn } from './handshake-churn.ts';
import { latePatch } from './late-patch.ts';
import { lock } from './lock.ts';
import { loopComputes } from './loop-computes.ts';
import { loopSleeps } from './loop-sleeps.ts';
import { loopWaitsForChild } from './loop-waits-for-child.ts';
import { nagle } from './nagle.ts';
import { lookUpsFact } from './names.ts';
import { oneByOne } from './one-by-one.ts';
import { oneProcessAtATime } from './one-process-at-a-time.ts';
import { oneWorkerAsks } from './one-worker.ts';
import { ownLimit } from './own-limit.ts';
import { pacing } from './pacing.ts';
import { pagesFact } from './pages.ts';
import { pausesFact } from './pauses.ts';
import { rateLimit } from './rate-limit.ts';
import { resultInLoop } from './result-in-loop.ts';
import { type Part, sceneOf } from './scene.ts';
import { semaphore } from './semaphore.ts';
import { serverQueue } from './server-queue.ts';
import { streamLimit } from './stream-limit.ts';
import { tlsContext } from './tls-context.ts';
import { unexplained } from './unexplained.ts';
import { unreadBodies } from './unread-bodies.ts';
import { workerLimit } from './worker-limit.ts';
import { workersFact } from './workers.ts';

export type { Cause, CauseFinder } from './cause.ts';
export { CAUSE_IDS, type CauseId } from './ids.ts';
export type { Part } from './scene.ts';

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
