import { writeFileSync } from 'node:fs';
import type { Judged } from '../../diagnose/index.ts';
import { UsageError } from '../usage.ts';

/** Where a verdict goes. */
export interface VerdictFlags {
  readonly json?: boolean;
  readonly jsonFile?: string;
}

/** Gives the verdict: as text to a person, and as JSON where it was asked for. */
export async function tell(judged: Judged, flags: VerdictFlags): Promise<void> {
  const { verdictLines } = await import('../../view/index.ts');
  const json = JSON.stringify(jsonOf(judged), null, 2);
  if (flags.jsonFile !== undefined) writeJson(flags.jsonFile, json);
  if (flags.json) console.log(json);
  for (const line of verdictLines(judged.verdict, judged.expectation)) console.error(line);
}

/** The verdict, and what became of the expectation where there was one. */
function jsonOf({ verdict, expectation }: Judged): object {
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
