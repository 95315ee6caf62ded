import { mkdir, rename, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { packLayer } from '../../lambda/index.ts';
import type { FileFlags } from '../lambda.ts';
import { UsageError } from '../usage.ts';

/** The layer with the probes. @throws UsageError */
export async function writeLayer(flags: FileFlags): Promise<void> {
  const { zip, ...packed } = packLayer();
  await write(flags, zip, packed, [
    `wrote ${flags.output}: ${packed.languages.join(', ')}`,
    `set in the function: ${packed.variables.join(', ')}`,
  ]);
}

/** Writes a file whole or not at all, and says so. */
async function write(
  { output, json }: FileFlags,
  content: Uint8Array | string,
  about: object,
  lines: readonly string[],
): Promise<void> {
  try {
    await mkdir(dirname(output), { recursive: true });
    await writeFile(`${output}.new`, content);
    await rename(`${output}.new`, output);
  } catch (error) {
    throw new UsageError(`${output} can't be written: ${(error as Error).message}`);
  }
  if (json) console.log(JSON.stringify({ file: output, ...about }, null, 2));
  else for (const line of lines) console.log(line);
}
