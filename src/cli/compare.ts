import type { Command } from 'commander';
import { type CompareFlags, compareDefinition, INTERRUPTED } from './compare/options.ts';
import { isForUser } from './usage.ts';

/** `abreast compare`: which difference of two environments makes a program slow, by experiment. */
export function compareCommand(): Command {
  return compareDefinition().action(async (words: string[], flags: CompareFlags, command: Command) => {
    const [{ runCompare }, { runBisect }] = await Promise.all([
      import('./compare/run.ts'),
      import('./compare/bisect.ts'),
    ]);
    try {
      process.exitCode =
        flags.bisect === undefined
          ? await runCompare(words, flags)
          : await runBisect(words, flags.bisect, flags);
    } catch (error) {
      if ((error as Error).name === 'AbortError') process.exitCode = INTERRUPTED;
      else if (!isForUser(error)) throw error;
      else command.error(`error: ${error.message}`, { exitCode: 2 });
    }
  });
}
