import { paint } from './paint.ts';
import { labelled } from './wrap.ts';

/** What was looked at, whether it is good (null: it depends), and why. */
export interface Looked {
  readonly what: string;
  readonly good: boolean | null;
  readonly text: string;
}

/** A list of findings for people. */
export function findingLines(findings: readonly Looked[]): readonly string[] {
  const width = Math.max(...findings.map(({ what }) => what.length));
  return findings.flatMap(({ what, good, text }) => {
    const [word, meaning] =
      good === null
        ? ([' -', 'faint'] as const)
        : good
          ? (['ok', 'good'] as const)
          : (['no', 'bad'] as const);
    const [first, ...rest] = labelled(`${what.padEnd(width)}  ${word} `, text);
    return [first!.replace(`  ${word} `, `  ${paint(meaning, word, process.stdout)} `), ...rest];
  });
}
