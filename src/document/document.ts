import type { LineCounter, Node, Document as YamlDocument } from 'yaml';

/** A file that was read and has no fault of syntax. */
export interface Document {
  /** As it was named. */
  readonly file: string;
  readonly text: string;
  /** What it says, as plain values. */
  readonly data: unknown;
  readonly root: Node | null;
  readonly tree: YamlDocument;
  readonly positions: LineCounter;
}

/** Keys and indexes from the root of a document to a value in it. */
export type Path = readonly PropertyKey[];

/** A position in a file, both from 1. */
export interface Place {
  readonly line: number;
  readonly column: number;
}
