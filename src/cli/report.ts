import { fileURLToPath } from 'node:url';
import { Command } from 'commander';
import { leaveSoon } from './leave.ts';
import { type ReportFlags, reportDefinition } from './report/options.ts';
import { exitCodeOf, isForUser } from './usage.ts';

/** Of this file: it lies two folders deep in the package as well. */
const SCHEMA = fileURLToPath(new URL('../../schema/report.json', import.meta.url));

/** `abreast report`: a report file, looked at or run; `init` writes a first one. */
export function reportCommand(): Command {
  return reportDefinition()
    .action(async (file: string, flags: ReportFlags, command: Command) => {
      await forUser(command, async () => {
        // Loaded only here: --help needs no database.
        const { checkFile } = await import('./report/check.ts');
        const { runFile } = await import('./report/run.ts');
        process.exitCode = await (flags.check ? checkFile : runFile)(file, flags);
        if (flags.queue !== undefined) leaveSoon();
      });
    })
    .addCommand(initCommand());
}

function initCommand(): Command {
  return new Command('init')
    .description('write a first report file, which runs unchanged')
    .argument('[file]', 'the file to write; existing files are not overwritten', 'report.yaml')
    .action(async (file: string, _: object, command: Command) => {
      await forUser(command, async () => {
        const { writeFirst } = await import('./report/init.ts');
        writeFirst(file, SCHEMA);
        console.log(`wrote ${file}; now:\n\n  abreast report --check ${file}\n  abreast report ${file}`);
      });
    });
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
