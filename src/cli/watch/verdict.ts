import { writeFileSync } from 'node:fs';
import { type Judged, type JudgeOptions, judgeSource } from '../../diagnose/index.ts';
import { openTraceFile } from '../../formats/index.ts';
import { verdictLines } from '../../view/index.ts';
import { UsageError } from '../usage.ts';
import { firstExchanges } from './sample.ts';

/** What is to be judged. */
export interface JudgeFlags {
  readonly wanted?: number;
  readonly only: readonly string[];
  readonly ignore: readonly string[];
}

/** And where the verdict goes. */
export interface VerdictFlags extends JudgeFlags {
  readonly json?: boolean;
  readonly jsonFile?: string;
  readonly expect?: number;
}

/** Exchanges that the waterfall shows. */
const MOST_SHOWN = 20;

/** Judges the recording in `path`, and gives the verdict: as text to a person, and as JSON where it was asked for. */
export async function judgeAndTell(path: string, flags: VerdictFlags): Promise<Judged> {
  const judged = await judgeFile(path, flags);
  tellJson(jsonOf(judged), flags);
  await tellText(path, judged);
  return judged;
}

/** Judges the recording in `path`. */
export async function judgeFile(
  path: string,
  flags: JudgeFlags & { readonly expect?: number },
): Promise<Judged> {
  return judgeSource(await openTraceFile(path), judgeOptions(flags));
}

/** Gives a verdict to a person. */
export async function tellText(path: string, judged: Judged): Promise<void> {
  const exchanges = await firstExchanges(path, MOST_SHOWN);
  for (const line of verdictLines({ ...judged, exchanges })) console.error(line);
}

/** Gives what is known as JSON, where it was asked for. */
export function tellJson(known: object, flags: VerdictFlags): void {
  const json = JSON.stringify(known, null, 2);
  if (flags.jsonFile !== undefined) writeJson(flags.jsonFile, json);
  if (flags.json) console.log(json);
}

/** What the flags say of it. @throws UsageError for what is no origin */
export function judgeOptions({
  wanted,
  expect,
  only,
  ignore,
}: JudgeFlags & { readonly expect?: number }): JudgeOptions {
  const isOf = (origins: readonly string[], origin: string) =>
    origins.some((one) => originOf(one) === origin);
  return {
    ...(wanted !== undefined && { wanted }),
    ...(expect !== undefined && { expect }),
    ...((only.length > 0 || ignore.length > 0) && {
      counts: (origin: string) => (only.length === 0 || isOf(only, origin)) && !isOf(ignore, origin),
    }),
  };
}

/** As traces write it, of what people type: a URL, an origin, or a host. */
function originOf(text: string): string {
  try {
    return new URL(text.includes('://') ? text : `https://${text}`).origin;
  } catch {
    throw new UsageError(`${text} is no origin: https://example.com or http://127.0.0.1:8080`);
  }
}

/** The verdict, and what became of the expectation where there was one. */
export function jsonOf({ verdict, expectation }: Judged): object {
  return expectation === null ? verdict : { ...verdict, expectation };
}

function writeJson(file: string, json: string): void {
  try {
    writeFileSync(file, `${json}\n`);
  } catch (error) {
    throw new UsageError(`--json-file ${file} can't be written: ${(error as Error).message}`);
  }
}

/** The exit code of a verdict alone: 1 for an expectation not met, 125 for one that can't be judged. */
export function exitCodeOf({ expectation }: Judged): number {
  if (expectation === null || expectation.met === true) return 0;
  return expectation.met === null ? 125 : 1;
}
