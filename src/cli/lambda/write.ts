import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { packFunction, packLayer, templateOf } from '../../lambda/index.ts';
import { reasonOf } from '../../trace/index.ts';
import type { FileFlags, PackFlags, TemplateFlags } from '../lambda.ts';
import { UsageError } from '../usage.ts';

/** The zip of a function. @throws what is wrong with the report, UsageError */
export async function writeFunction(file: string, flags: PackFlags): Promise<void> {
  const { zip, ...packed } = await packFunction(file, flags.arch);
  for (const warning of packed.warnings) console.error(`warning: ${warning}`);
  await write(flags, zip, { arch: flags.arch, ...packed }, [
    `wrote ${flags.output}: ${megabytes(packed.bytes)} MB, ${flags.arch}, ${packed.files.join(', ')}`,
    `the variables that it needs: ${packed.variables.join(', ') || 'none'}`,
  ]);
}

/** The template of a function. @throws what is wrong with the report, UsageError */
export async function writeTemplate(file: string, flags: TemplateFlags): Promise<void> {
  const { timeout, memory, output, json, ...rest } = flags;
  const text = await templateOf(file, { ...rest, timeoutS: timeout, memoryMb: memory });
  await write(flags, text, { ...rest, timeoutS: timeout, memoryMb: memory }, [
    `wrote ${output}; docs/lambda.md has the commands that deploy it`,
  ]);
}

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
    await rm(`${output}.new`, { force: true }).catch(() => {}); // the first error is the one to report
    const isFile = (error as NodeJS.ErrnoException).code === 'EEXIST';
    const why = isFile ? 'a file is where its folder would be' : reasonOf(error);
    throw new UsageError(`${output} can't be written: ${why}`);
  }
  if (json) console.log(JSON.stringify({ file: output, ...about }, null, 2));
  else for (const line of lines) console.log(line);
}

function megabytes(bytes: number): string {
  return (bytes / 1e6).toFixed(1);
}
