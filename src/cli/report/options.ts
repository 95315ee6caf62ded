import { availableParallelism } from 'node:os';
import { Command, InvalidArgumentError, Option } from 'commander';
import type { Shard } from '../../chunks/index.ts';
import { byteSize } from '../get/values.ts';
import { path } from '../path.ts';
import { parseShard } from './shard.ts';

/** What a user typed after `abreast report`. */
export interface ReportFlags {
  readonly check?: boolean;
  readonly out?: string;
  readonly resume?: boolean;
  readonly resumeOrStart?: boolean;
  readonly retryFailed?: boolean;
  readonly shard?: Shard;
  readonly parts?: string;
  readonly collect?: readonly string[];
  readonly workers: number;
  readonly queue?: string;
  readonly csvSafe?: boolean;
  readonly maxMemory?: number;
  readonly json?: boolean;
  readonly jsonFile?: string;
  readonly html?: string;
  readonly progress?: 'none' | 'line' | 'bar';
  readonly quiet?: boolean;
}

const EXAMPLES = `
Examples:
  abreast report init                     write a first report.yaml
  abreast report --check report.yaml      what it would do; sends nothing
  abreast report report.yaml
  abreast report report.yaml --resume     continue a run that was stopped
  abreast report daily.yaml --resume-or-start --quiet       for cron
  abreast report big.yaml --shard 2/4 --parts /shared/night      on each machine
  abreast report big.yaml --collect /shared/night                at the end

Exit codes: 0 success; 1 a check failed, or more rows failed than \`fail\`
allows; 2 bad usage, or an error in the file; 3 stopped before the end
(--resume continues); 4 another run uses the folder; 130 interrupted twice.
`;

/** The command line of report, without its actions. */
export function reportDefinition(): Command {
  const report = new Command('report')
    .summary('rows, GETs, SQL over the answers and dumps, from one file')
    .description(
      'Run a report: rows, GETs, SQL over the answers, checks and dumps, all described in one file.',
    )
    .usage('[options] FILE.yaml\n       abreast report init [FILE]')
    .argument('<file>', 'the report, YAML or JSON; docs/report.md has every key');

  report
    .optionsGroup('The run:')
    .option('--check', 'say what is wrong with the file, or what it would do; sends nothing')
    .option('--out <dir>', 'the folder of the run (default: .abreast/NAME/TIME beside the file)', path())
    .addOption(exclusive('--resume', 'continue the newest unfinished run, or the one in --out'))
    .addOption(exclusive('--resume-or-start', 'like --resume, but start a new run if there is none'))
    .addOption(exclusive('--retry-failed', 'like --resume, and fetch failed rows again'))
    .addOption(
      new Option('--workers <n|auto>', 'threads that fetch; auto is one per core')
        .argParser(workers)
        .default(1),
    )
    .addOption(
      new Option(
        '--max-memory <bytes>',
        'for all bodies together, and for SQL (default: limits.memory, or a quarter of the memory)',
      ).argParser(byteSize),
    );

  report
    .optionsGroup('Several machines (docs/scale.md):')
    .addOption(
      new Option('--queue <url>', 'let `abreast worker` fetch: redis://… or postgres://…').conflicts([
        'check',
        'shard',
        'collect',
        'workers',
      ]),
    )
    .addOption(
      new Option(
        '--shard <i/n>',
        'fetch one of n shares of the rows, with its share of the limits, into --parts',
      )
        .argParser(shardOf)
        .conflicts([...MODES, 'check', 'collect', 'workers', 'out']),
    )
    .option('--parts <place>', 'a folder or s3://… that all of them reach (--queue: the folder of the run)')
    .addOption(
      new Option('--collect <parts...>', 'fetch nothing: make the tables of what shards left in these places')
        .argParser(places)
        .conflicts(['check', 'retryFailed', 'workers']),
    );

  report
    .optionsGroup('What is written:')
    .option(
      '--csv-safe',
      "in CSV, put ' before cells that a spreadsheet would execute (default: as the file says)",
    )
    .option('--html <file>', 'write a page that shows all requests, as `abreast view` does', path())
    .optionsGroup('What is printed:')
    .option('--json', 'the summary as JSON on standard output; tables go to standard error')
    .option('--json-file <file>', 'the summary as JSON in a file', path())
    .addOption(
      new Option('--progress <how>', 'default: bar on a terminal, otherwise a line every 30 s').choices([
        'none',
        'line',
        'bar',
      ]),
    )
    .option('-q, --quiet', 'tables, failed checks and errors only: no progress, no summary');

  return report.optionsGroup('Help:').addHelpText('after', EXAMPLES);
}

const MODES = ['resume', 'resumeOrStart', 'retryFailed'];

function exclusive(flag: string, description: string): Option {
  const option = new Option(flag, description);
  return option.conflicts(MODES.filter((name) => name !== option.attributeName()));
}

function shardOf(value: string): Shard {
  try {
    return parseShard(value, process.env);
  } catch (error) {
    throw new InvalidArgumentError((error as Error).message);
  }
}

function places(value: string, before: readonly string[] = []): readonly string[] {
  return [...before, value];
}

function workers(value: string): number {
  if (value === 'auto') return availableParallelism();
  if (/^[1-9]\d{0,2}$/.test(value)) return Number(value);
  throw new InvalidArgumentError('It must be a whole number from 1 to 999, or auto.');
}
