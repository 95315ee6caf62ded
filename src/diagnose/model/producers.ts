import type { Block, Frame } from '../../trace/index.ts';
import type { Evidence } from '../evidence.ts';
import { ownFrame } from '../languages/frames.ts';
import { isPuttingCall } from '../languages/index.ts';
import type { Actors } from './actors.ts';
import type { Classify } from './classifier.ts';

/** An actor that puts work into a queue, and waits while it is full. */
export interface Producer {
  readonly actor: string;
  /** The call that hands over: 'queue.Queue.put'. */
  readonly called: Frame;
  /** The program's line that calls it. */
  readonly own: Frame | undefined;
  readonly waits: readonly Block[];
}

/** The actors that waited for room in a queue. */
export function producersOf(evidence: Evidence, actors: Actors, classify: Classify): readonly Producer[] {
  const frames = new Map(evidence.stack.map((stack) => [stack.id, stack.frames]));
  const called = new Map([...frames].map(([id, of]) => [id, of.find(isPuttingCall)]));
  const waits = evidence.block.filter(
    (block) =>
      block.stack !== undefined && called.get(block.stack) !== undefined && classify(block).kind === 'queue',
  );
  return [...Map.groupBy(waits, actors.ofBlock)].map(([actor, own]) => ({
    actor,
    called: called.get(own[0]!.stack!)!,
    own: ownFrame(frames.get(own[0]!.stack!)!),
    waits: own,
  }));
}
