import { countWhile } from '../../trace/browser.ts';
import type { TimeColumns } from './times.ts';

/**
 * The exchanges that decided when the run ended, first to last: the one that ended last, the one whose end let it go, and
 * so on. What lets an exchange go is the last end before it was sent; if all ended before it was wanted, the last of
 * those. A chain like this is as long as the run if its requests went one after another, and short if they did not.
 */
export function criticalPath({ wanted, sent, end, isTimed }: TimeColumns): readonly number[] {
  const byEnd = Array.from(end.keys())
    .filter((at) => isTimed[at] === 1)
    .sort((a, b) => end[a]! - end[b]! || sent[a]! - sent[b]!);
  const ends = byEnd.map((at) => end[at]!);
  const path: number[] = [];
  for (let place = byEnd.length - 1; place >= 0; ) {
    const last = byEnd[place]!;
    path.push(last);
    place =
      Math.min(
        place,
        countWhile(ends, (time) => time <= Math.max(wanted[last]!, sent[last]!)),
      ) - 1;
  }
  return path.reverse();
}
