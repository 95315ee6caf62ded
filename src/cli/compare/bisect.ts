import { existsSync, realpathSync } from 'node:fs';
import { basename } from 'node:path';
import {
  bisect,
  type Environment,
  fromWorktree,
  isToBeMade,
  openEnvironment,
  plainEnvironment,
  Repository,
  type Side,
  type Worktree,
} from '../../compare/index.ts';
import { UsageError } from '../usage.ts';
import { bisectionJson, bisectionLines } from './bisection-text.ts';
import { Interrupts } from './interrupts.ts';
import { type CompareFlags, EXIT_CODES, INTERRUPTED } from './options.ts';
import { limitsOf, Session } from './session.ts';
import { oneIn, openSides, type Words } from './sides.ts';

/** Finds the commit that makes the command slow, prints it, and gives the exit code. @throws UsageError, CompareError */
export async function runBisect(
  words: readonly string[],
  range: string,
  flags: CompareFlags,
): Promise<number> {
  const other = flags.suspects ? '--suspects' : flags.hide === undefined ? null : '--hide';
  if (other !== null) throw new UsageError(`--bisect and ${other} do not go together`);
  const given = withPackages(oneIn(words, 'abreast compare --bisect v1.0..HEAD -- python report.py'));
  const repository = await Repository.of(process.cwd());
  const { good, bad, count } = await repository.range(range);
  using interrupts = new Interrupts();
  const opened = await openSides(given, flags, interrupts, async () => plainEnvironment());
  if (opened === null) return INTERRUPTED;
  const session = new Session({
    command: given.command,
    sides: [`${good.hash}..${bad.hash}`, ...opened.typed],
    ...limitsOf(flags),
    signal: interrupts.signal,
  });
  using _input = await session.takeInput();
  for (const [name, { short, date, subject }] of Object.entries({ GOOD: good, 'BAD ': bad }))
    console.error(`${name}  ${short} ${date} ${subject}`);
  console.error(
    `${count === 1 ? '1 commit after GOOD, in a worktree of its own' : `${count} commits after GOOD, in a worktree of their own`}; ${opened.sides[0]!.environment.given}`,
  );
  await using worktree = await repository.worktree();
  const bisection = await bisect({
    repository,
    worktree,
    good,
    bad,
    environment: await environmentsOf(
      opened.sides[0]!,
      given,
      flags,
      repository,
      worktree,
      interrupts.signal,
    ),
    variables: opened.sides[0]!.variables,
    runs: session.run,
    say: (what) => console.error(what),
    signal: interrupts.signal,
  });
  const told = { bisection, runs: session.runs, folder: session.folder };
  if (flags.json) console.log(JSON.stringify(bisectionJson(told)));
  else console.log(bisectionLines(told).join('\n'));
  return interrupts.signal.aborted ? INTERRUPTED : EXIT_CODES[bisection.outcome];
}

/** The environment of each commit: made of its own file, where git has the one that was named; else always the same. */
async function environmentsOf(
  side: Side,
  { sides: [name], command }: Words,
  flags: CompareFlags,
  repository: Repository,
  worktree: Worktree,
  signal: AbortSignal,
): Promise<() => Promise<Environment>> {
  if (name !== undefined && isToBeMade(name) && (await repository.has(realpathSync(name)))) {
    const path = worktree.placeOf(realpathSync(name))!;
    const say = (what: string) => console.error(what);
    const making = { command, python: flags.pythonA ?? flags.python, say, signal };
    return () => openEnvironment(name, making, path);
  }
  const own = await fromWorktree(worktree, side.environment, command);
  if (own.PYTHONPATH !== undefined)
    console.error(`modules of your working copy come from the worktree: ${own.PYTHONPATH}`);
  const environment = { ...side.environment, variables: { ...side.environment.variables, ...own } };
  return async () => environment;
}

/** A checkout has no node_modules, which git seldom has: the packages are those of the working copy. */
function withPackages({ sides, command }: Words): Words {
  const isNode = /^(node|npm|npx|pnpm|yarn)$/.test(basename(command[0]!));
  return { sides: sides.length === 0 && isNode && existsSync('node_modules') ? ['.'] : sides, command };
}
