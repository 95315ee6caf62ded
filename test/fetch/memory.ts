import type { BodyMemory } from '../../src/fetch/bodies/body.ts';
import { BodyBudget } from '../../src/fetch/bodies/body-budget.ts';
import { BufferPool } from '../../src/fetch/bodies/buffer-pool.ts';

/** Memory for bodies of at most so many bytes each, and so many together. */
export function bodyMemory(maxBody: number, maxMemory = Number.POSITIVE_INFINITY): BodyMemory {
  return { maxBody, budget: new BodyBudget(maxMemory), pool: new BufferPool() };
}
