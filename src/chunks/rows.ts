import { text } from 'node:stream/consumers';
import type { ChunkRow, Row } from '../report/index.ts';
import type { Storage } from '../storage/index.ts';
import { ChunkError } from './error.ts';
import { type ChunkRef, rowsName } from './names.ts';

/** Writes the rows of a chunk, without secret columns, into the storage, for workers that don't read the source. */
export async function writeChunkRows(
  storage: Storage,
  run: string,
  ref: ChunkRef,
  rows: readonly ChunkRow[],
): Promise<void> {
  const lines = rows.map(({ index, data }) => `${JSON.stringify([index, data])}\n`);
  await storage.write(rowsName(run, ref), Buffer.from(lines.join('')));
}

/** The rows of a chunk. @throws ChunkError where they are not there, StorageError */
export async function* readChunkRows(storage: Storage, run: string, ref: ChunkRef): AsyncGenerator<ChunkRow> {
  const name = rowsName(run, ref);
  const bytes = await storage.read(name);
  if (bytes === null)
    throw new ChunkError(
      'no-rows',
      `there is no ${storage.url}/${name}, so the rows of this chunk are not known.`,
    );
  for (const line of (await text(bytes)).split('\n').slice(0, -1)) {
    const [index, data] = JSON.parse(line) as [number, Row];
    yield { index, data, whole: data };
  }
}
