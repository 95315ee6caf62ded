import type { Verdict } from '../diagnose/index.ts';
import type { Cell } from './cell.ts';
import type { Measured } from './place.ts';
import type { Scene } from './story.ts';

/** How a cell came out: as fast as its requests allow side by side, or one by one, or in between; or answers are missing. */
export type Came = 'fast' | 'slow' | 'partly' | 'failed';

/** The result of a cell. */
export interface Result {
  readonly cell: Cell;
  /** null: it did not run to its end, `trouble` says why. */
  readonly serial: Measured | null;
  readonly concurrent: Measured | null;
  /** The seconds of the first run beside other cells, if the ones above are from a second run alone. */
  readonly beside: { readonly serialSeconds: number; readonly concurrentSeconds: number } | null;
  readonly came: Came;
  /** null if there is no expected result. */
  readonly asExpected: boolean | null;
  /** From a separate run under recorders; the seconds above are from runs without recorders. */
  readonly verdict: Verdict | null;
  readonly scenes: readonly Shown[];
  readonly trouble: readonly string[];
}

/** What a scene printed. */
export interface Shown {
  readonly scene: Scene;
  readonly text: string;
}

/** A concurrent program gains less than that when its requests wait for each other. */
const NOTHING_GAINED = 1.5;

/**
 * How it came out, from the seconds of both programs: the serial one says how long n requests take one by one. At once
 * they can be n times as quick, less what handshakes take of the processor: what gains the square root of n is nearer
 * to that than to no gain at all.
 */
export function cameOf(serial: Measured | null, concurrent: Measured | null, n: number): Came {
  if (serial === null || concurrent === null || serial.ok < n || concurrent.ok < n) return 'failed';
  const gained = serial.seconds / concurrent.seconds;
  if (gained >= Math.sqrt(n)) return 'fast';
  return gained < NOTHING_GAINED ? 'slow' : 'partly';
}

/** What the programs themselves say is wrong. */
export function troubleOf(name: string, measured: Measured | null, n: number): string[] {
  if (measured === null || measured.ok === n) return [];
  return [`${name}: ${measured.ok} of ${n} answers: ${measured.errors.join('; ') || 'no reason given'}`];
}
