import { reasonOf, TraceError } from './error.ts';
import { linesOf } from './lines.ts';
import { readLines, type TraceReader } from './reader.ts';

/**
 * Opens the trace in `path`, compressed when it ends in .zst.
 * @throws TraceError when it can't be read, is no trace, or is of a version that this abreast does not know.
 */
export async function readTrace(path: string): Promise<TraceReader> {
  const lines = linesOf(path);
  try {
    return await readLines(path, lines);
  } catch (error) {
    await lines.return(''); // closes the file
    throw error instanceof TraceError ? error : cannotRead(path, error);
  }
}

function cannotRead(path: string, error: unknown): TraceError {
  const compressed = path.endsWith('.zst') && (error as NodeJS.ErrnoException).code?.startsWith('Z');
  const text = compressed ? 'it ends in .zst, but is not compressed with zstd' : reasonOf(error);
  return new TraceError(`${path}: the trace can't be read: ${text}`, { cause: error });
}
