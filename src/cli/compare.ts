import type { Command } from 'commander';
import { type CompareFlags, compareDefinition } from './compare/options.ts';
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
      if (!isForUser(error)) throw error;
      command.error(`error: ${error.message}`, { exitCode: 2 });
    }
  });
}
