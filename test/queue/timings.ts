import type { Timings } from '../../src/queue/ledger/timings.ts';

/** So short that a test sees what happens to those who are silent, and long enough for a busy machine. */
export const SHORT: Timings = { lockMs: 3000, stalledMs: 1000, beatMs: 100, silentMs: 4000 };
