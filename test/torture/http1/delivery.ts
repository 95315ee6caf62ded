import type { Step } from '../case.ts';
import type { Random } from '../random.ts';

/** More pieces than this take too long. */
const MOST_PIECES = 1500;

/** How the bytes come: at once, byte by byte, in a few pieces, or slowly. None of it may change what they mean. */
export function delivered(bytes: Buffer, random: Random): Step[] {
  const how = random.weighted([
    [5, 'whole'],
    [bytes.length <= MOST_PIECES ? 2 : 0, 'bytes'],
    [3, 'pieces'],
    [1, 'slowly'],
  ] as const);
  if (how === 'whole') return [{ say: bytes }];
  if (how === 'bytes') return Array.from(bytes, (_, at) => ({ say: bytes.subarray(at, at + 1) }));
  const cuts = [0, ...cutsOf(bytes.length, random), bytes.length];
  const pieces = cuts.slice(1).map((to, i) => ({ say: bytes.subarray(cuts[i]!, to) }));
  return how === 'pieces' ? pieces : pieces.flatMap((piece) => [{ pauseMs: random.between(1, 60) }, piece]);
}

function cutsOf(length: number, random: Random): number[] {
  return Array.from({ length: random.between(1, 5) }, () => random.below(length + 1)).sort((a, b) => a - b);
}
