import type { Block } from '../../trace/index.ts';
import type { Evidence } from '../evidence.ts';
import { type ToldWait, waitOf } from '../waits.ts';

/** Says what a block is a wait for. */
export type Tell = (block: Block) => ToldWait;

/** Many blocks have the same stack: each is read once. */
export function tellerOf({ stack: stacks }: Evidence): Tell {
  const frames = new Map(stacks.map((stack) => [stack.id, stack.frames]));
  const known = new Map<string, ToldWait>();
  return (block) => {
    const { wait, stack } = block;
    const key = `${wait.kind} ${wait.call} ${stack}`;
    const told = known.get(key) ?? waitOf(block, stack === undefined ? [] : (frames.get(stack) ?? []));
    known.set(key, told);
    return told;
  };
}
