import { existsSync } from 'node:fs';
import { basename } from 'node:path';
import { bisect, fromWorktree, plainEnvironment, Repository } from '../../compare/index.ts';
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
  for (const [name, { short, date, subject }] of Object.entries({ GOOD: good, 'BAD ': bad }))
    console.error(`${name}  ${short} ${date} ${subject}`);
  console.error(
    `${count} commits after GOOD, in a worktree of their own; ${opened.sides[0]!.environment.given}`,
  );
  await using worktree = await repository.worktree();
  const [side] = opened.sides;
  const own = await fromWorktree(worktree, side!.environment, given.command);
  if (own.PYTHONPATH !== undefined)
    console.error(`modules of your working copy come from the worktree: ${own.PYTHONPATH}`);
  const variables = { ...side!.environment.variables, ...own };
  const bisection = await bisect({
    repository,
    worktree,
    good,
    bad,
    environment: { ...side!.environment, variables },
    variables: side!.variables,
    runs: session.run,
    say: (what) => console.error(what),
    signal: interrupts.signal,
  });
  const told = { bisection, runs: session.runs, folder: session.folder };
  if (flags.json) console.log(JSON.stringify(bisectionJson(told)));
  else console.log(bisectionLines(told).join('\n'));
  return interrupts.signal.aborted ? INTERRUPTED : EXIT_CODES[bisection.outcome];
}

/** A checkout has no node_modules, which git seldom has: the packages are those of the working copy. */
function withPackages({ sides, command }: Words): Words {
  const isNode = /^(node|npm|npx|pnpm|yarn)$/.test(basename(command[0]!));
  return { sides: sides.length === 0 && isNode && existsSync('node_modules') ? ['.'] : sides, command };
}
