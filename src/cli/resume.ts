import { redactArgv } from '../trace/index.ts';

/** Modes that --resume takes the place of. */
const MODES = ['--resume', '--force', '--retry-failed', '--resume-or-start'];
/** A longer command is no advice any more. */
const MOST_CHARACTERS = 300;

/**
 * How to continue what `args` started: the command to copy; in words where it would show a secret or would be too
 * long. `args`: the command line behind 'abreast'.
 */
export function howToResume([command = '', ...args]: readonly string[]): string {
  const kept = args.filter((argument) => !MODES.includes(argument));
  // In front: behind a '--' it would be an operand.
  const line = ['abreast', command, '--resume', ...kept.map(quoted)].join(' ');
  const isSecret = redactArgv(kept).some((argument, place) => argument !== kept[place]);
  if (!isSecret && line.length <= MOST_CHARACTERS) return `To continue: ${line}`;
  const instead = args.find((argument) => argument !== '--resume' && MODES.includes(argument));
  return `To continue, run the same command with --resume${instead === undefined ? '' : ` instead of ${instead}`}.`;
}

/** For a POSIX shell. */
function quoted(argument: string): string {
  return /^[\w@%+=:,./-]+$/.test(argument) ? argument : `'${argument.replaceAll("'", "'\\''")}'`;
}
