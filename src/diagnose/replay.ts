import type { Cell } from './cell.ts';

/** A wait that a replay can lift. `wanted` is the caller's, who wants each request when it has read others. */
export type Lifted = 'wanted' | 'dispatched' | 'connected' | 'sent' | 'answered';

/**
 * What is asked of a replay: which waits are gone, and how many requests may be under way at once. Without `answered` all
 * answers take as long as they took; with it, none takes longer than the quickest of its origin.
 */
export interface Question {
  readonly lifted: readonly Lifted[];
  /** null: no limit. */
  readonly atOnce: number | null;
  /** What the program does between requests, and would do all the same. In microseconds. */
  readonly betweenUs: number;
}

/** The waits before a request is sent. */
export const UNSENT: readonly Lifted[] = ['dispatched', 'connected', 'sent'];

/** The times of an exchange; how much earlier it was wanted without those waits; how long the quickest answer took. */
type Visitor = (
  wanted: number,
  dispatched: number,
  connected: number,
  sent: number,
  answered: number,
  end: number,
  earlierUs: number,
  quickestUs: number,
) => void;

/** Calls the visitor once for each exchange. */
export type Visit = (visitor: Visitor) => void;

/** How long the run would have lasted, from the first wanted to the last read, in microseconds. See `replay`. */
export function possibleWallUs(cells: readonly Cell[], endedUs: number, question: Question): number {
  const isQuickest = question.lifted.includes('answered');
  const visit: Visit = (visitor) => {
    for (const cell of cells) {
      const quickestUs = isQuickest ? quickestOf(cell) : Infinity;
      cell.rows.visit((wanted, sent, answered, end, dispatched, connected, _flags, earlierUs) =>
        visitor(wanted, dispatched, connected, sent, answered, end, earlierUs, quickestUs),
      );
    }
  };
  return replay(visit, endedUs, question);
}

function quickestOf(cell: Cell): number {
  let quickest = Infinity;
  cell.rows.visit((_wanted, sent, answered) => {
    if (answered !== Infinity) quickest = Math.min(quickest, answered - sent);
  });
  return quickest;
}

/** When an exchange would have been wanted and could have begun, and how long it then takes by itself. */
export interface Piece {
  readonly wanted: number;
  readonly ready: number;
  readonly own: number;
}

/** Called with each exchange's place in the order of the visit, its piece, and when it would have begun. */
export type Replayed = (index: number, piece: Piece, begins: number) => void;

/**
 * The counterfactual: each exchange keeps its pieces, without the waits that are lifted. Waits for what others hold
 * (`dispatched`, `sent`) come before its turn; the opening of its connection belongs to it. In microseconds.
 */
export function replay(visit: Visit, endedUs: number, question: Question, replayed?: Replayed): number {
  const { atOnce, betweenUs } = question;
  const pieceOf = piecesFor(
    question,
    endedUs,
    question.lifted.includes('wanted') ? firstWanted(visit) : null,
  );
  let first = Infinity;
  let last = -Infinity;
  const take: Replayed = (index, piece, begins) => {
    first = Math.min(first, piece.wanted);
    last = Math.max(last, begins + piece.own);
    replayed?.(index, piece, begins);
  };
  if (atOnce === null) {
    let index = 0;
    visit((...times) => {
      const piece = pieceOf(...times);
      take(index++, piece, piece.ready);
    });
  } else inTurns(visit, pieceOf, atOnce, take);
  return last === -Infinity ? 0 : last - first + betweenUs;
}

function firstWanted(visit: Visit): number {
  let first = Infinity;
  visit((wanted) => {
    first = Math.min(first, wanted);
  });
  return first;
}

/** `allFromUs`: when all are wanted; null where each is wanted as it was. */
function piecesFor(
  { lifted }: Question,
  endedUs: number,
  allFromUs: number | null,
): (...of: Parameters<Visitor>) => Piece {
  const [isDispatched, isConnected, isSent, isAnswered] = (
    ['dispatched', 'connected', 'sent', 'answered'] as const
  ).map((step) => lifted.includes(step));
  return (wanted, dispatched, connected, sent, answered, ended, earlierUs, quickestUs) => {
    const end = Math.max(wanted, Math.min(ended, endedUs));
    const opens = Math.min(dispatched, end);
    const opened = Math.min(connected, end);
    const goes = Math.min(sent, end);
    const comes = Math.min(answered, end);
    const from = allFromUs ?? wanted - earlierUs;
    const answerUs = comes - goes;
    return {
      wanted: from,
      ready: from + (isDispatched ? 0 : opens - wanted) + (isSent ? 0 : goes - opened),
      own:
        (isConnected ? 0 : opened - opens) +
        (isAnswered && answered < Infinity ? Math.min(answerUs, quickestUs) : answerUs) +
        (end - comes),
    };
  };
}

interface Waiting {
  readonly index: number;
  readonly wanted: number;
  readonly piece: Piece;
}

/** At most so many run at once. The one that is ready first begins first. */
function inTurns(
  visit: Visit,
  pieceOf: (...of: Parameters<Visitor>) => Piece,
  atOnce: number,
  take: Replayed,
): void {
  const all: Waiting[] = [];
  visit((wanted, ...others) => {
    all.push({ index: all.length, wanted, piece: pieceOf(wanted, ...others) });
  });
  all.sort((a, b) => a.piece.ready - b.piece.ready || a.wanted - b.wanted || a.piece.own - b.piece.own);
  const slots = Math.max(1, Math.min(atOnce, all.length));
  const freeAt = new Float64Array(slots).fill(-Infinity); // a heap, the earliest first
  for (const { index, piece } of all) {
    const begins = Math.max(piece.ready, freeAt[0]!);
    replaceFirst(freeAt, begins + piece.own);
    take(index, piece, begins);
  }
}

function replaceFirst(heap: Float64Array, value: number): void {
  let at = 0;
  for (let child = 1; child < heap.length; child = 2 * at + 1) {
    if (child + 1 < heap.length && heap[child + 1]! < heap[child]!) child++;
    if (heap[child]! >= value) break;
    heap[at] = heap[child]!;
    at = child;
  }
  heap[at] = value;
}
