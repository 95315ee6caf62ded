import type { Cell } from '../cell.ts';
import { run } from '../child.ts';
import { fill, type Values } from '../commands.ts';
import { pythonEnvironment } from '../environments/pip.ts';
import { StagesError } from '../error.ts';
import { type ProgramRecord, programRecord } from '../story.ts';

/** The longest a program may take. */
const PATIENCE_MS = 300_000;

/** Settings that would change what the programs of a story do. */
const STRAY_NODE = ['NODE_OPTIONS', 'NODE_PATH', 'NODE_ENV'];

/**
 * The variables of a cell's programs. The user's own settings reach stage 0 alone; a proxy is never asked for a server
 * of this machine.
 */
export function variablesOf({ run: { environment }, stage }: Cell, values: Values): NodeJS.ProcessEnv {
  const clean = stage.id === 0 ? { ...process.env, PYTHONDONTWRITEBYTECODE: '1' } : pythonEnvironment();
  if (stage.id !== 0) for (const name of STRAY_NODE) delete clean[name];
  for (const name of ['NO_PROXY', 'no_proxy']) clean[name] = `127.0.0.1,localhost,${clean[name] ?? ''}`;
  for (const [name, value] of Object.entries(environment)) clean[name] = fill(value, values);
  return clean;
}

/** Runs a program to its end and reads what it says of itself. @throws StagesError when it says nothing */
export async function runProgram(
  command: readonly string[],
  env: NodeJS.ProcessEnv,
  signal: AbortSignal,
): Promise<ProgramRecord> {
  const { code, out, err } = await runInTime(command, env, signal);
  const record = recordIn(out);
  if (record !== null) return record;
  const said = err.trim().split('\n').slice(-3).join(' / ') || 'it says nothing';
  throw new StagesError(`${command.slice(1, 3).join(' ')} ends with ${code} and no record: ${said}`);
}

/** Runs a command that must not take for ever. */
export async function runInTime(command: readonly string[], env: NodeJS.ProcessEnv, signal: AbortSignal) {
  const late = AbortSignal.timeout(PATIENCE_MS);
  try {
    return await run(command, { env, signal: AbortSignal.any([signal, late]) });
  } catch (error) {
    if (!late.aborted || signal.aborted) throw error;
    throw new StagesError(
      `${command.slice(1, 3).join(' ')} was ended: it had run for ${PATIENCE_MS / 60_000} minutes`,
    );
  }
}

/** The last line that is a record. */
function recordIn(out: string): ProgramRecord | null {
  for (const line of out.split('\n').reverse()) {
    if (!line.startsWith('{')) continue;
    try {
      return programRecord.parse(JSON.parse(line));
    } catch {
      // some other line in braces
    }
  }
  return null;
}
