import { type Difference, textOf } from './differences.ts';
import type { Run } from './run.ts';

const MISSING = /(?:No module named|Cannot find (?:module|package)) ['"]?([\w.@/-]+)/;

/** Of what was hidden in a run that failed, what its program can't do without: it says so, or asked for it last. null: nothing. */
export function neededIn(run: Run, hidden: readonly Difference[]): Difference | null {
  return missingIn(run, hidden) ?? firstWith((run.marks?.asked ?? []).toReversed(), hidden);
}

/** Of these, what a run that failed says that it misses; null: it says nothing of them. */
export function missingIn({ output }: Run, all: readonly Difference[]): Difference | null {
  return firstWith(
    output.toReversed().flatMap((line) => MISSING.exec(line)?.[1] ?? []),
    all,
  );
}

function firstWith(modules: readonly string[], differences: readonly Difference[]): Difference | null {
  for (const module of modules) {
    const found = differences.find((each) => each.kind === 'added' && isOf(module, each.slow.modules));
    if (found !== undefined) return found;
  }
  return null;
}

function isOf(module: string, modules: readonly string[]): boolean {
  return modules.some(
    (each) => module === each || module.startsWith(`${each}.`) || module.startsWith(`${each}/`),
  );
}

/** Without what the program can't do without. */
export function withoutNeeded(
  items: readonly Difference[],
  needed: ReadonlySet<string>,
): readonly Difference[] {
  return items.filter((item) => item.kind !== 'added' || !needed.has(textOf(item)));
}
