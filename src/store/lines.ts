import { PACKINGS } from './packing.ts';
import { openFile } from './prepare.ts';
import { Writer } from './writer.ts';

/** Lines of text on their way into a file. */
export interface LineFile {
  /** A promise means: wait for it before the next. @throws (or rejects with) StoreError */
  add(line: string): void | Promise<void>;
  /** Writes what is left. @throws StoreError when not everything could be written. */
  close(): Promise<void>;
}

/** Begins a file of lines, for its owner alone; one that is there is replaced. @throws StoreError */
export async function openLines(path: string): Promise<LineFile> {
  const file = await openFile(path, 'w');
  const writer = new Writer(file.fd, path, PACKINGS.plain);
  return {
    add: (line) => writer.append((batch) => batch.text(`${line}\n`)),
    async close() {
      try {
        await writer.finish();
      } finally {
        await file.close();
      }
    },
  };
}
