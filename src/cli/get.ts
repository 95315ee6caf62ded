import type { Command } from 'commander';
import { type GetFlags, getDefinition } from './get/options.ts';
import { exitCodeOf, isForUser } from './usage.ts';

/** `abreast get`. */
export function getCommand(): Command {
  return getDefinition().action(async (urls: string[], flags: GetFlags, command: Command) => {
    try {
      process.exitCode = await get(urls, flags);
    } catch (error) {
      if (!isForUser(error)) throw error;
      command.error(`error: ${error.message}`, { exitCode: exitCodeOf(error) });
    }
  });
}

async function get(urls: readonly string[], flags: GetFlags): Promise<number> {
  // Loaded only here: --help needs no engine.
  const [{ planGet }, { runGet }, { exitCode, jsonOf, summaryOf, troublesOf }] = await Promise.all([
    import('./get/plan.ts'),
    import('./get/run.ts'),
    import('./get/outcome.ts'),
  ]);
  const outcome = await runGet(planGet(urls, flags));
  for (const line of troublesOf(outcome)) console.error(line);
  if (!flags.quiet) for (const line of summaryOf(outcome, flags)) console.error(line);
  if (flags.json) console.log(JSON.stringify(jsonOf(outcome, flags), null, 2));
  return exitCode(outcome, flags);
}
