/**
 * All causes, in the order of the steps that they delay. A new one is a file beside these, named by its id, and a
 * place in this list: the verdict, the exclusions and docs/causes.md are made from it.
 */
import { answersNotTakenUp } from './answers-not-taken-up.ts';
import { awaitInLoop } from './await-in-loop.ts';
import { batchBarrier } from './batch-barrier.ts';
import { blockingCall } from './blocking-call.ts';
import { chunks } from './chunks.ts';
import { clientPerRequest } from './client-per-request.ts';
import { commandLimit } from './command-limit.ts';
import { connectionLimit } from './connection-limit.ts';
import { connectionPerRequest } from './connection-per-request.ts';
import { cpuQuota } from './cpu-quota.ts';
import { curlOneByOne } from './curl-one-by-one.ts';
import { deadAddress } from './dead-address.ts';
import { dnsBlocksLoop } from './dns-blocks-loop.ts';
import { dnsLoss } from './dns-loss.ts';
import { dnsSlow } from './dns-slow.ts';
import { dnsThreads } from './dns-threads.ts';
import { fileLock } from './file-lock.ts';
import { frameworkExecutor } from './framework-executor.ts';
import { geventBlockingWait } from './gevent-blocking-wait.ts';
import { greenBlockingWait } from './green-blocking-wait.ts';
import { latePatch } from './late-patch.ts';
import { lock } from './lock.ts';
import { loopComputes } from './loop-computes.ts';
import { loopSleeps } from './loop-sleeps.ts';
import { loopWaitsForChild } from './loop-waits-for-child.ts';
import { nagle } from './nagle.ts';
import { oneByOne } from './one-by-one.ts';
import { oneProcessAtATime } from './one-process-at-a-time.ts';
import { oneWorker } from './one-worker.ts';
import { pacing } from './pacing.ts';
import { polledLock } from './polled-lock.ts';
import { proxyQueues } from './proxy-queues.ts';
import { queue } from './queue.ts';
import { rateLimit } from './rate-limit.ts';
import { resourceLimit } from './resource-limit.ts';
import { resultInLoop } from './result-in-loop.ts';
import { retrySleep } from './retry-sleep.ts';
import { searchList } from './search-list.ts';
import { semaphore } from './semaphore.ts';
import { serverQueues } from './server-queues.ts';
import { streamLimit } from './stream-limit.ts';
import { synAgain } from './syn-again.ts';
import { throttled } from './throttled.ts';
import { twoTrips } from './two-trips.ts';
import { unexplained } from './unexplained.ts';
import { unreadBodies } from './unread-bodies.ts';
import { wgetOneByOne } from './wget-one-by-one.ts';
import { workerLimit } from './worker-limit.ts';

export const RULES = [
  awaitInLoop,
  batchBarrier,
  resultInLoop,
  oneWorker,
  frameworkExecutor,
  fileLock,
  commandLimit,
  oneProcessAtATime,
  curlOneByOne,
  wgetOneByOne,
  oneByOne,
  workerLimit,
  semaphore,
  queue,
  chunks,
  resourceLimit,
  pacing,
  rateLimit,
  lock,
  polledLock,
  connectionLimit,
  unreadBodies,
  streamLimit,
  dnsThreads,
  dnsBlocksLoop,
  dnsLoss,
  searchList,
  dnsSlow,
  deadAddress,
  synAgain,
  connectionPerRequest,
  clientPerRequest,
  blockingCall,
  loopSleeps,
  loopComputes,
  loopWaitsForChild,
  geventBlockingWait,
  greenBlockingWait,
  latePatch,
  cpuQuota,
  nagle,
  throttled,
  retrySleep,
  twoTrips,
  serverQueues,
  proxyQueues,
  answersNotTakenUp,
  unexplained,
] as const;

export type CauseId = (typeof RULES)[number]['id'];

/** The ids of all causes. */
export const CAUSE_IDS: readonly CauseId[] = RULES.map(({ id }) => id);
