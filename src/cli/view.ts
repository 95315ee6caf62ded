import { Command, Option } from 'commander';
import { path } from './path.ts';
import { isForUser } from './usage.ts';
import { origins } from './watch/options.ts';
import type { JudgeFlags } from './watch/verdict.ts';

/** What a user typed after `abreast view`. */
export interface ViewFlags extends JudgeFlags {
  readonly output?: string;
  readonly text?: boolean;
  readonly json?: boolean;
  /** --open, --no-open; undefined: neither was given. */
  readonly open?: boolean;
}

const EXAMPLES = `
Examples:
  abreast view                            the newest run of abreast watch
  abreast view trace.jsonl -o page.html
  abreast view trace.jsonl -o run.svg     a waterfall for a README or a ticket
  abreast view trace.jsonl -o run.json    for Perfetto and speedscope
  abreast view trace.jsonl --text         for a terminal without a browser
  abreast view slow.jsonl fast.jsonl      two runs on one time scale
  abreast view trace.jsonl --only https://api.example.com`;

/** `abreast view`: traces as a page. */
export function viewCommand(): Command {
  const command = new Command('view')
    .description('write a page that shows how a run went: one HTML file that needs no network')
    .argument(
      '[trace...]',
      'one recording, or two to compare: a trace, HAR, OTLP/JSON or Jaeger JSON (default: the newest run of watch)',
    )
    .option(
      '-o, --output <file>',
      'write the page to this file, or by its ending a picture (.svg) or an export: .har, .json (Trace Event), .csv, .otlp.json (default: a page beside the trace, opened in the browser)',
      path(),
    )
    .option('--text', 'print it as text instead: verdict, funnel, waterfall, phases, environment')
    .addOption(new Option('--open', 'open the page, also with -o'))
    .addOption(new Option('--no-open', 'write the page only'))
    .option('--json', 'print what was written as JSON');
  return origins(command)
    .addHelpText('after', EXAMPLES)
    .action(async (traces: string[], flags: ViewFlags, command: Command) => {
      const { runView } = await import('./view/run.ts');
      try {
        await runView(traces, flags);
      } catch (error) {
        if (!isForUser(error)) throw error;
        command.error(`error: ${error.message}`, { exitCode: 2 });
      }
    });
}
