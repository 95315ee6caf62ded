import { open, rm } from 'node:fs/promises';
import { makePrivate, reasonOf, TraceError } from '../trace/index.ts';
import { csvText } from './csv.ts';
import { harText } from './har/write.ts';
import type { Recorded } from './recorded.ts';
import { otlpText } from './spans/write.ts';
import { traceEventText } from './trace-event/write.ts';

/** Ends of the names of files, and what is written into them. A longer end comes first. */
const TEXTS = {
  '.otlp.json': otlpText,
  '.har': harText,
  '.json': traceEventText,
  '.csv': csvText,
} as const satisfies Readonly<
  Record<string, (recorded: Recorded, version: string) => AsyncGenerator<string>>
>;

/** What a trace can be exported as, by the ends of files. */
export type ExportEnding = keyof typeof TEXTS;

/** The formats of `exportTrace`. */
export const EXPORT_ENDINGS = Object.keys(TEXTS) as readonly ExportEnding[];

/** How a file ends that is an export; undefined for any other. */
export function exportEnding(file: string): ExportEnding | undefined {
  return EXPORT_ENDINGS.find((ending) => file.toLowerCase().endsWith(ending));
}

/**
 * Writes a recording into a file, as the end of its name says. It is read two or three times and never held: a million
 * exchanges need little memory. Only the owner can read the file. `version` is that of this abreast.
 * @returns how many bytes. @throws TraceError when it can't be written; then there is no half of a file
 */
export async function exportTrace(
  file: string,
  ending: ExportEnding,
  recorded: Recorded,
  version: string,
): Promise<number> {
  let bytes = 0;
  let isOurs = false;
  try {
    await using out = await open(file, 'w', 0o600);
    await makePrivate(out);
    isOurs = (await out.stat()).isFile();
    for await (const piece of TEXTS[ending](recorded, version)) {
      // Unlike write(), it writes all of it.
      await out.writeFile(piece);
      bytes += Buffer.byteLength(piece);
    }
  } catch (error) {
    if (isOurs) await rm(file, { force: true });
    if (error instanceof TraceError) throw error;
    throw new TraceError(`${file}: the export can't be written: ${reasonOf(error)}`, { cause: error });
  }
  return bytes;
}
