import type { Verdict } from '../diagnose/index.ts';
import type { Cell } from './cell.ts';
import type { ProgramRecord, Scene } from './story.ts';

/** One program's run, as it said itself and as its server saw it. */
export interface Measured extends ProgramRecord {
  /** Requests that the server had in flight; null where it was not seen. */
  readonly inFlight: { readonly mean: number; readonly max: number } | null;
}

/** Called while a place gets ready: the current step, and details that change too quickly for a log. */
export type Say = (what: string, detail?: string) => void;

/** Where cells run: this machine, or containers. */
export interface StagesPlace {
  /** What is to be known of all that comes from here: 'the server is the embedded one: ...'. */
  readonly notes: readonly string[];
  /** Gets ready what these cells need. @throws StagesError */
  prepare(cells: readonly Cell[], say: Say, signal: AbortSignal): Promise<void>;
  /** How many cells can run side by side while their times stay true. */
  readonly room: number;
  /** Runs the cell's program. Rejects with StagesError when it fails. */
  run(cell: Cell, program: 'serial' | 'concurrent', signal: AbortSignal): Promise<Measured>;
  /** Runs the cell's concurrent program again, under recorders. */
  watch(cell: Cell, signal: AbortSignal): Promise<Verdict>;
  /** Runs a scene where the cell's programs run; gives what it prints. */
  show(cell: Cell, scene: Scene, rest: readonly string[], signal: AbortSignal): Promise<string>;
  /** Ends whatever still runs. */
  close(): Promise<void>;
}
