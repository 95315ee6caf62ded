import { variation } from './statistics.ts';

/** When a request was sent, and when it was answered, in microseconds. */
export interface AnswerWait {
  readonly sent: number;
  readonly answered: number;
}

/** Fewer answers come in order by chance. */
const LEAST = 6;
/** Of a long line the first show what it is. */
const MOST = 60;
/** So many of all pairs are answered in the order in which they were sent. */
const IN_ORDER = 0.9;
/** How far the times that the server works on each may be from their mean (coefficient of variation) ... */
const MOST_UNEVEN = 0.3;
/** ... and by how much less than the waits are. */
const MORE_EVEN = 1.5;

/**
 * Whether requests that were sent together stood in line at a server that takes a fixed number at a time: it took each
 * when another was answered, and then worked on all about as long. Of 5,000 bursts of six to twenty answers at random,
 * whatever their distribution, two are taken for a line.
 */
export function isInLine(burst: readonly AnswerWait[]): boolean {
  if (burst.length < LEAST) return false;
  const line = burst.toSorted((a, b) => a.sent - b.sent || a.answered - b.answered).slice(0, MOST);
  if (!isAnsweredInOrder(line)) return false;
  const uneven = variation(line.map(({ sent, answered }) => answered - sent));
  for (let atATime = 1; atATime <= line.length / 3; atATime++) {
    const works = worksOf(line, atATime);
    if (works === undefined) continue;
    const own = variation(works);
    if (own <= MOST_UNEVEN && uneven >= MORE_EVEN * own) return true;
  }
  return false;
}

function isAnsweredInOrder(line: readonly AnswerWait[]): boolean {
  let pairs = 0; // those sent in the same instant have no order
  let inOrder = 0;
  line.forEach((one, at) => {
    for (const later of line.slice(at + 1)) {
      if (later.sent === one.sent) continue;
      pairs++;
      if (one.answered <= later.answered) inOrder++;
    }
  });
  return pairs >= (line.length * (line.length - 1)) / 4 && inOrder >= IN_ORDER * pairs;
}

/** How long the server would have worked on each, if it took so many at a time; undefined where that can't be. */
function worksOf(line: readonly AnswerWait[], atATime: number): number[] | undefined {
  const freeAt: number[] = new Array(atATime).fill(-Infinity);
  const works = line.map(({ sent, answered }) => {
    const next = freeAt.indexOf(Math.min(...freeAt));
    const work = answered - Math.max(sent, freeAt[next]!);
    freeAt[next] = answered;
    return work;
  });
  return works.every((work) => work > 0) ? works : undefined;
}
