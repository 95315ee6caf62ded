import type { Command } from 'commander';
import { isForUser } from './usage.ts';
import { type WatchFlags, watchDefinition } from './watch/options.ts';

/** `abreast watch`: a command under recorders, then the verdict. */
export function watchCommand(): Command {
  return watchDefinition().action(async (words: string[], flags: WatchFlags, command: Command) => {
    const { runWatch } = await import('./watch/run.ts');
    try {
      await runWatch(words, flags);
    } catch (error) {
      if (!isForUser(error)) throw error;
      command.error(`error: ${error.message}`, { exitCode: 2 });
    }
  });
}
