import assert from 'node:assert/strict';
import type { Exchange } from '../../../src/trace/index.ts';

const STEPS = [
  'wantedUs',
  'calledUs',
  'dispatchedUs',
  'connectedUs',
  'sentUs',
  'answeredUs',
  'readUs',
] as const;

/** Fails unless every step was passed, each at or after the one before it. */
export function inOrder(exchange: Exchange): void {
  const times = STEPS.map((step) => exchange[step]);
  assert.ok(
    times.every((at) => typeof at === 'number'),
    `a step is missing: ${JSON.stringify(exchange)}`,
  );
  assert.deepEqual(
    times,
    [...times].sort((a, b) => a! - b!),
    JSON.stringify(exchange),
  );
}

/** The most exchanges between a step and `read` at one time. */
export function peak(exchanges: readonly Exchange[], step: (typeof STEPS)[number] = 'sentUs'): number {
  const changes = exchanges
    .flatMap((one) => [[one[step]!, 1] as const, [one.readUs!, -1] as const])
    .sort((a, b) => a[0] - b[0] || a[1] - b[1]);
  let now = 0;
  return changes.reduce((most, [, change]) => {
    now += change;
    return Math.max(most, now);
  }, 0);
}

/** Mean number between a step and `read`, over the time in which at least one was asked and not read. */
export function level(exchanges: readonly Exchange[], step: (typeof STEPS)[number]): number {
  const sum = exchanges.reduce((total, one) => total + one.readUs! - one[step]!, 0);
  const from = Math.min(...exchanges.map((one) => one.wantedUs!));
  const to = Math.max(...exchanges.map((one) => one.readUs!));
  return sum / (to - from);
}
