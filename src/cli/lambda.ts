import { Command, Option } from 'commander';
import { path } from './path.ts';
import { exitCodeOf, isForUser } from './usage.ts';

const EXAMPLES = `
Examples:
  abreast lambda layer -o layer.zip`;

/** What every command of lambda has. */
export interface FileFlags {
  readonly output: string;
  readonly json?: boolean;
}

/** `abreast lambda`: the probes of watch as a layer of AWS Lambda. */
export function lambdaCommand(): Command {
  return new Command('lambda')
    .description('make what AWS Lambda needs to record a function')
    .addCommand(layerCommand())
    .addHelpText('after', EXAMPLES);
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

function json(): Option {
  return new Option('--json', 'say as JSON what was written');
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
