import { fileURLToPath } from 'node:url';
import type { Command } from 'commander';
import { stagesDefinition } from './stages/options.ts';
import { isForUser } from './usage.ts';

/** What starts abreast itself. Of this file: it lies two folders deep in the package as well. */
const ABREAST = [process.execPath, fileURLToPath(new URL('../../bin/abreast', import.meta.url))];

/** `abreast stages`: a story of lab/, live. */
export function stagesCommand(): Command {
  const guarded =
    <Words extends unknown[]>(work: (command: Command, ...words: Words) => Promise<void>) =>
    async (...given: unknown[]) => {
      const command = given.at(-1) as Command;
      try {
        await work(command, ...(given.slice(0, -2) as Words));
      } catch (error) {
        if (!isForUser(error)) throw error;
        command.error(`error: ${error.message}`, { exitCode: 2 });
      }
    };
  return stagesDefinition({
    tell: guarded(async (command, words: string[]) => {
      const { runStages } = await import('./stages/run.ts');
      await runStages(words, command.opts(), ABREAST);
    }),
    prepare: guarded(async (command) => {
      const { runPrepare } = await import('./stages/prepare.ts');
      await runPrepare(command.opts(), ABREAST);
    }),
    patch: guarded(async (command, verb: string) => {
      const { runPatch } = await import('./stages/patch.ts');
      await runPatch(verb, command.opts());
    }),
  });
}
