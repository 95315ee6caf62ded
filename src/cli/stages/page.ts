import type { Verdict } from '../../diagnose/index.ts';
import type { Result } from '../../stages/index.ts';
import { type Shown, writeHtml } from '../html.ts';

/** A cell that was watched. */
interface Watched {
  readonly result: Result;
  readonly verdict: Verdict;
  readonly trace: string;
}

/** The page of a story: its first slow cell beside its last fast one, as both are of the same program. */
export async function writeStagesPage(file: string, results: readonly Result[]): Promise<void> {
  const watched = results.flatMap((result): Watched[] => {
    const { verdict } = result;
    return verdict?.trace == null ? [] : [{ result, verdict, trace: verdict.trace }];
  });
  if (watched.length === 0) {
    console.error(`${file} is not written: no cell was watched to its end`);
    return;
  }
  await writeHtml(file, pairOf(watched).map(shownOf));
  console.error(`page   ${file}`);
}

/** A slow one, and a fast one of the same interpreter and protocol where there is one. */
function pairOf(watched: readonly Watched[]): readonly Watched[] {
  const slow = watched.find(({ result }) => result.came === 'slow') ?? watched[0]!;
  const others = watched.filter((one) => one !== slow);
  const fast = others.filter(({ result }) => result.came === 'fast');
  const twin =
    fast.findLast(({ result }) => isAlike(result.cell, slow.result.cell)) ?? fast.at(-1) ?? others.at(-1);
  return twin === undefined ? [slow] : [slow, twin];
}

function isAlike(a: Result['cell'], b: Result['cell']): boolean {
  return a.version === b.version && a.protocol === b.protocol && a.n === b.n;
}

function shownOf({ result: { cell }, verdict, trace }: Watched): Shown {
  return {
    trace,
    verdict,
    name: `stage ${cell.name}, ${cell.runtime.language} ${cell.version}, ${cell.protocol}`,
  };
}
