import type { Block } from '../../trace/index.ts';
import type { Evidence } from '../evidence.ts';
import { type ClassifiedWait, waitOf } from '../waits.ts';

/** Says what a block is a wait for. */
export type Classify = (block: Block) => ClassifiedWait;

/** Many blocks have the same stack: each is read once. */
export function classifierOf({ stack: stacks }: Evidence): Classify {
  const frames = new Map(stacks.map((stack) => [stack.id, stack.frames]));
  const known = new Map<string, ClassifiedWait>();
  return (block) => {
    const { wait, stack } = block;
    const key = `${wait.kind} ${wait.call} ${stack}`;
    const told = known.get(key) ?? waitOf(block, stack === undefined ? [] : (frames.get(stack) ?? []));
    known.set(key, told);
    return told;
  };
}
