import type { Readable } from 'node:stream';

/** What is written: bytes, or the content of a file. */
export type Content = Uint8Array | { readonly path: string };

/**
 * Files by name in a place that many processes reach. A name is a relative path with `/`; no part of it begins with
 * a dot. All methods throw StorageError.
 */
export interface Storage {
  /** As it is shown to people. */
  readonly url: string;
  /** Writes a name; false if it exists already. The file is there complete or not at all. */
  writeOnce(name: string, content: Content): Promise<boolean>;
  /** Writes a name, or replaces its file completely. */
  write(name: string, content: Content): Promise<void>;
  /** The content of a name; null: there is no such name. The stream fails with a StorageError. */
  read(name: string): Promise<Readable | null>;
  /** The names that begin with `prefix`, sorted by their bytes. */
  list(prefix: string): AsyncIterable<string>;
  /** Removes a name; it need not be there. */
  remove(name: string): Promise<void>;
  /** Tries everything that a run does here, and leaves nothing behind. */
  probe(): Promise<void>;
}
