/** One model behind all causes: what had a capacity and a queue, what waited for it, and what its holders did meanwhile. */

export { earlierOf } from './earlier.ts';
export { fedWorkers } from './fed-workers.ts';
export { gateOf } from './gates.ts';
export { type Meanwhile, meanwhile } from './holders.ts';
export { limitOf } from './limits.ts';
export { burstsEveryUs, heldBack, type ReleasedBy, releasedBy, rhythmOf } from './release.ts';
export { sleepTurns } from './turns.ts';
export { seesWaits, type WaitBefore, type Waiting, waitingBefore } from './waiting.ts';
export { settleWanted } from './wanted.ts';
export { type FewWorkers, fewWorkers } from './workers.ts';
