import type { ComponentType } from 'preact';
import { Environment } from './environment.tsx';
import { Table } from './table.tsx';
import { Timeline } from './timeline.tsx';

/** Something that shows the run: a tab below the verdict. */
export interface PageView {
  readonly id: string;
  /** On its tab. */
  readonly title: string;
  /** The key that opens it. */
  readonly key: string;
  readonly View: ComponentType;
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
  { id: 'timeline', title: 'Time line', key: 'w', View: Timeline },
  { id: 'table', title: 'Table', key: 't', View: Table },
  { id: 'environment', title: 'Environment', key: 'e', View: Environment },
];
