import type { Interpreter } from './interpreters/interpreter.ts';
import type { Outcome, Program, Runtime, Scheme, Stage, StageRun } from './story.ts';

/** One row of the table: a stage, on one runtime, over one protocol, with a number of requests. */
export interface Cell {
  readonly stage: Pick<Stage, 'id' | 'title' | 'text'>;
  /** '5a': the stage as the table shows it. */
  readonly name: string;
  readonly run: Pick<StageRun, 'title' | 'pins' | 'patch' | 'environment' | 'arguments'>;
  readonly runtime: Pick<Runtime, 'id' | 'language'>;
  /** What the table calls the runtime: '3.7'. */
  readonly version: string;
  /** What its programs are run by; null where the place brings its own. */
  readonly interpreter: Interpreter | null;
  readonly programs: { readonly serial: Program; readonly concurrent: Program };
  readonly protocol: Scheme;
  readonly n: number;
  /** The expected result of the concurrent program; null if unknown. */
  readonly expected: Outcome | null;
}

/** Cells that differ by protocol and number alone. */
export interface Row extends Omit<Cell, 'protocol' | 'n' | 'expected'> {
  readonly expected: StageRun['expected'] | null;
}

export interface Selected<Of> {
  readonly cells: readonly Of[];
  /** What was left out, and why; what was done instead. */
  readonly notes: readonly string[];
}
