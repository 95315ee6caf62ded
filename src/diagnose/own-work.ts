import type { Block } from '../trace/index.ts';
import type { Evidence } from './evidence.ts';
import { isOwnWork } from './languages/frames.ts';
import { isComputing } from './waits.ts';

/** What threads computed, the program's own work apart from what requests cost: both, where no stack tells them apart. */
export function computingOf({ block: blocks, stack: stacks }: Evidence): {
  readonly own: readonly Block[];
  readonly requests: readonly Block[];
} {
  const computing = blocks.filter(isComputing);
  if (stacks.length === 0) return { own: computing, requests: computing };
  const frames = new Map(stacks.map((stack) => [stack.id, stack.frames]));
  const isOwn = ({ stack }: Block): boolean => stack !== undefined && isOwnWork(frames.get(stack) ?? []);
  return { own: computing.filter(isOwn), requests: computing.filter((block) => !isOwn(block)) };
}
