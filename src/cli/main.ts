/** What a user types: each command reads its line, calls the rooms that do the work, and prints. */
import { tmpdir } from 'node:os';
import { Command, CommanderError } from 'commander';
import { version } from '../package/index.ts';
import { outliveReaders } from './output.ts';

interface Entry {
  readonly summary: string;
  /** Loads what the command needs, so that no other command pays for it at start-up. */
  load(): Promise<Command>;
}

const COMMANDS: Readonly<Record<string, Entry>> = {
  get: {
    summary: 'GET many URLs at once, and prove how concurrent it was',
    load: async () => (await import('./get.ts')).getCommand(),
  },
  report: {
    summary: 'rows, GETs, SQL over the answers and dumps, from one file',
    load: async () => (await import('./report.ts')).reportCommand(),
  },
  worker: {
    summary: 'fetch for reports of a queue, on as many machines as you have',
    load: async () => (await import('./worker.ts')).workerCommand(),
  },
  watch: {
    summary: 'run a program and say whether its requests overlapped',
    load: async () => (await import('./watch.ts')).watchCommand(),
  },
  view: {
    summary: 'a page that shows how a run went, from its trace',
    load: async () => (await import('./view.ts')).viewCommand(),
  },
  judge: {
    summary: 'the verdict of a trace that was recorded elsewhere',
    load: async () => (await import('./judge.ts')).judgeCommand(),
  },
  compare: {
    summary: 'which difference of two environments makes a program slow',
    load: async () => (await import('./compare.ts')).compareCommand(),
  },
  explain: {
    summary: 'what a cause of a verdict means, and what to do about it',
    load: async () => (await import('./explain.ts')).explainCommand(),
  },
  doctor: {
    summary: 'what can be recorded here, and how to enable the rest',
    load: async () => (await import('./doctor.ts')).doctorCommand(),
  },
  lambda: {
    summary: 'for AWS Lambda: a report as a function; a layer that records',
    load: async () => (await import('./lambda.ts')).lambdaCommand(),
  },
  stages: {
    summary: 'replay the bug that started it: one module makes it slow',
    load: async () => (await import('./stages.ts')).stagesCommand(),
  },
  serve: {
    summary: 'a test server with httpbin routes and a count of requests',
    load: async () => (await import('./serve.ts')).serveCommand(),
  },
};

const BARE_HELP = `abreast ${version()}: thousands of GETs at once, with proof of how concurrent

  abreast get https://example.com/ -n 100 -c 10
${Object.entries(COMMANDS)
  .map(([name, entry]) => `  abreast ${name.padEnd(8)}${entry.summary}`)
  .join('\n')}
  abreast COMMAND --help    every option, its default, and examples
Exit code: 0 good, 1 not good, 2 bad usage, 3 resumable, 4 locked, 125 unjudged.
`;

async function program(named: string | undefined): Promise<Command> {
  const abreast = new Command('abreast')
    .version(version(), '-V, --version', 'print the version')
    .configureHelp({ helpWidth: 80 })
    .enablePositionalOptions()
    .configureOutput({ outputError: (text, write) => write(withoutValue(text)) })
    .exitOverride();
  abreast.helpInformation = () => BARE_HELP;
  for (const [name, entry] of Object.entries(COMMANDS)) {
    const command = name === named ? await entry.load() : new Command(name).description(entry.summary);
    abreast.addCommand(command);
  }
  inherit(abreast);
  return abreast;
}

/** Commands of commands, too: they were made before they had a parent. */
function inherit(parent: Command): void {
  for (const command of parent.commands) inherit(command.copyInheritedSettings(parent));
}

/** An option with a slip in its name may be one whose value is a secret. */
function withoutValue(error: string): string {
  return error.replace(/(unknown option '--?[^'=]+=)[^']*/, '$1***');
}

async function main(args: readonly string[]): Promise<number> {
  const named = args[0] === 'help' ? args[1] : args[0];
  try {
    const abreast = await program(named);
    if (args.length === 0) abreast.outputHelp();
    else await abreast.parseAsync(args, { from: 'user' });
    return Number(process.exitCode ?? 0);
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 1 ? 2 : error.exitCode; // 1: commander's own, for bad usage
    if ((error as NodeJS.ErrnoException).syscall !== 'mkdtemp') throw error;
    console.error(withoutTemporary(error as NodeJS.ErrnoException));
    return 2;
  }
}

/** Most commands need a folder for what they write meanwhile, and each would have to say this. */
function withoutTemporary({ code }: NodeJS.ErrnoException): string {
  return `error: no temporary folder can be made in ${tmpdir()} (${code}). Set TMPDIR to a folder that you may write to.`;
}

outliveReaders();
// No await out here: what is shipped is CommonJS.
main(process.argv.slice(2)).then((code) => {
  process.exitCode = code;
});
