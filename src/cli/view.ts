import { Command } from 'commander';
import { path } from './path.ts';
import { isForUser } from './usage.ts';

/** What a user typed after `abreast view`. */
export interface ViewFlags {
  readonly output?: string;
}

const EXAMPLES = `
Examples:
  abreast view trace.jsonl -o page.html`;

/** `abreast view`: a trace as a page. */
export function viewCommand(): Command {
  return new Command('view')
    .description('write a page that shows how a run went: one HTML file, which needs no network')
    .argument(
      '<trace>',
      'a trace of watch, get, report or stages, a HAR file, or spans as OTLP/JSON or Jaeger JSON',
    )
    .requiredOption('-o, --output <file>', 'write the page to this file', path())
    .addHelpText('after', EXAMPLES)
    .action(async (trace: string, flags: ViewFlags, command: Command) => {
      const { runView } = await import('./view/run.ts');
      try {
        await runView(trace, flags);
      } catch (error) {
        if (!isForUser(error)) throw error;
        command.error(`error: ${error.message}`, { exitCode: 2 });
      }
    });
}
