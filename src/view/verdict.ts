import type { Expectation, Verdict } from '../diagnose/index.ts';
import { paint } from './paint.ts';

/** The verdict for people. */
export function verdictLines(verdict: Verdict, expectation: Expectation | null): readonly string[] {
  const lines = [paint('strong', verdict.verdict), ...verdict.facts];
  for (const cause of verdict.causes) lines.push(`why: ${cause.text}`);
  if (expectation !== null) lines.push(expectation.line);
  return lines;
}
