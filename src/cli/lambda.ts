import { Command, InvalidArgumentError, Option } from 'commander';
import type { Arch, TemplateOptions } from '../lambda/index.ts';
import { path } from './path.ts';
import { exitCodeOf, isForUser } from './usage.ts';

const EXAMPLES = `
Examples:
  abreast lambda pack nightly.yaml -o function.zip
  abreast lambda template nightly.yaml -o template.yaml
  abreast lambda layer -o layer.zip

docs/lambda.md goes from nothing to a nightly report with two of them and the
AWS CLI.`;

/** Most of what one invocation may take, in seconds. */
const LONGEST_S = 900;

/** What every command of lambda has. */
export interface FileFlags {
  readonly output: string;
  readonly json?: boolean;
}

export interface PackFlags extends FileFlags {
  readonly arch: Arch;
}

export type TemplateFlags = FileFlags &
  Omit<TemplateOptions, 'timeoutS' | 'memoryMb'> & { readonly timeout: number; readonly memory: number };

/** `abreast lambda`: a report as a function of AWS Lambda, and the probes of watch as a layer. */
export function lambdaCommand(): Command {
  return new Command('lambda')
    .description('make what AWS Lambda needs to run a report, or to record a function')
    .addCommand(packCommand())
    .addCommand(templateCommand())
    .addCommand(layerCommand())
    .addHelpText('after', EXAMPLES);
}

function packCommand(): Command {
  return new Command('pack')
    .description('write the zip of a function that runs a report, with all that it needs')
    .argument('<file>', 'the report, YAML or JSON')
    .addOption(output('function.zip'))
    .addOption(arch())
    .addOption(json())
    .addHelpText(
      'after',
      `
Examples:
  abreast lambda pack nightly.yaml
  abreast lambda pack nightly.yaml --arch x64 -o out/function.zip`,
    )
    .action(async (file: string, flags: PackFlags, command: Command) => {
      await forUser(command, async () => (await import('./lambda/write.ts')).writeFunction(file, flags));
    });
}

function templateCommand(): Command {
  return new Command('template')
    .description('write the SAM template of that function: schedule, queue, bucket, rights')
    .argument('<file>', 'the report, YAML or JSON')
    .addOption(output('template.yaml'))
    .option('--zip <file>', 'the zip of `pack`, as seen from the template', path(), 'function.zip')
    .addOption(arch())
    .option(
      '--schedule <expression>',
      'cron(...), rate(...) or at(...) of EventBridge',
      schedule,
      'cron(15 3 * * ? *)',
    )
    .option('--timezone <name>', 'of the schedule, as Europe/Berlin', timezone, 'UTC')
    .option('--timeout <seconds>', 'of one invocation, from 10 to 900', whole(10, LONGEST_S), LONGEST_S)
    .option('--memory <MB>', 'from 256 to 10240; 1769 is one whole processor', whole(256, 10_240), 1769)
    .addOption(json())
    .addHelpText(
      'after',
      `
Examples:
  abreast lambda template nightly.yaml
  abreast lambda template nightly.yaml --schedule 'rate(1 hour)' --timeout 300`,
    )
    .action(async (file: string, flags: TemplateFlags, command: Command) => {
      await forUser(command, async () => (await import('./lambda/write.ts')).writeTemplate(file, flags));
    });
}

function layerCommand(): Command {
  return new Command('layer')
    .description('write a layer that records the requests of any function in Node, Python or Ruby')
    .addOption(output('layer.zip'))
    .addOption(json())
    .addHelpText(
      'after',
      `
Examples:
  abreast lambda layer
  abreast judge t/*.jsonl           the verdict of the traces that it left in S3`,
    )
    .action(async (flags: FileFlags, command: Command) => {
      await forUser(command, async () => (await import('./lambda/write.ts')).writeLayer(flags));
    });
}

function output(file: string): Option {
  return new Option('-o, --output <file>', 'the file to write; an existing one is replaced')
    .argParser(path())
    .default(file);
}

function arch(): Option {
  return new Option('--arch <name>', 'the processor of the function')
    .choices(['arm64', 'x64'])
    .default('arm64');
}

function json(): Option {
  return new Option('--json', 'say as JSON what was written');
}

const AT = /^at\(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\)$/;
const RATE = /^rate\([1-9]\d* (?:minute|hour|day)s?\)$/;

/** https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html: CloudFormation would find it out minutes later. */
function schedule(text: string): string {
  const cron = /^cron\((.+)\)$/.exec(text)?.[1];
  if (cron !== undefined) {
    const fields = cron.split(' ');
    if (fields.length === 6 && [fields[2], fields[4]].filter((field) => field === '?').length === 1)
      return text;
    throw new InvalidArgumentError(
      'cron(...) has six fields: minute, hour, day, month, weekday, year. The day or the weekday is ?, ' +
        "as in 'cron(15 3 * * ? *)'.",
    );
  }
  if (AT.test(text) || RATE.test(text)) return text;
  throw new InvalidArgumentError(
    "It is cron(...), rate(...) or at(...), as 'cron(15 3 * * ? *)', 'rate(6 hours)' or 'at(2027-01-31T03:15:00)'.",
  );
}

function timezone(text: string): string {
  try {
    // An offset is no name.
    if (!/^[+-]/.test(text))
      return new Intl.DateTimeFormat('en', { timeZone: text }).resolvedOptions().timeZone;
  } catch {}
  throw new InvalidArgumentError('There is no such time zone; names are as Europe/Berlin.');
}

function whole(least: number, most: number): (text: string) => number {
  return (text) => {
    const number = Number(text);
    if (/^\d+$/.test(text) && number >= least && number <= most) return number;
    throw new InvalidArgumentError(`It is a whole number from ${least} to ${most}.`);
  };
}

/** What begins with its place in a file is left as it is, so that editors and terminals find the place. */
async function forUser(command: Command, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (!isForUser(error)) throw error;
    const placed = error.name === 'DocumentError' || error.name === 'ReportError';
    command.error(placed ? error.message : `error: ${error.message}`, { exitCode: exitCodeOf(error) });
  }
}
