import type { ComponentType } from 'preact';
import { Environment } from './environment.tsx';
import { runs } from './state.ts';
import { Table } from './table.tsx';
import { Threads } from './threads.tsx';
import { Timeline } from './timeline.tsx';
import { TwoRuns } from './two-runs.tsx';

/** Something that shows the run: a tab below the verdict. */
export interface PageView {
  readonly id: string;
  /** On its tab. */
  readonly title: string;
  /** The key that opens it. */
  readonly key: string;
  readonly View: ComponentType;
  /** It shows one of two runs: which one, is chosen above it. */
  readonly isOfOneRun: boolean;
  /** Keys that it takes itself, for the list of all keys. */
  readonly keys?: readonly KeyHelp[];
}

/** A key, or several with a space between them, and what they do. */
export interface KeyHelp {
  readonly keys: string;
  readonly does: string;
}

/** In the order of the tabs. To add a view, add it here. */
export const VIEWS: readonly PageView[] = [
  ...(runs.length > 1 ? [{ id: 'runs', title: 'Two runs', key: 'r', View: TwoRuns, isOfOneRun: false }] : []),
  {
    id: 'timeline',
    title: 'Time line',
    key: 'w',
    View: Timeline,
    isOfOneRun: true,
    keys: [
      { keys: '↑ ↓', does: 'the exchange before, or after' },
      { keys: '← →', does: 'its segment before, or after' },
      { keys: 'b', does: 'the next exchange that was blocked' },
      { keys: '+ -', does: 'zoom in, or out' },
      { keys: 'a d', does: 'earlier, or later' },
      { keys: '0', does: 'all of the run' },
      { keys: 'g', does: 'fold the gaps in which nothing was wanted' },
      { keys: 'c', does: 'the critical path' },
      { keys: 'Esc', does: 'nothing is selected' },
    ],
  },
  {
    id: 'threads',
    title: 'Threads',
    key: 'l',
    View: Threads,
    isOfOneRun: true,
    keys: [
      { keys: '↑ ↓', does: 'the lane, or the frame, above or below' },
      { keys: '← →', does: 'the block before or after, or the frame beside' },
      { keys: 'Enter', does: 'a frame of the flame graph as wide as the page' },
    ],
  },
  { id: 'table', title: 'Table', key: 't', View: Table, isOfOneRun: true },
  { id: 'environment', title: 'Environment', key: 'e', View: Environment, isOfOneRun: false },
];
