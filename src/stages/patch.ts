import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { StagesError } from './error.ts';
import type { Interpreter } from './interpreters/interpreter.ts';
import { PATCH_PROGRAM, type Told } from './stories.ts';

/** What can be done with a patch: put it in, take it out, or ask. */
export type PatchVerb = 'apply' | 'revert' | 'status';

/** The state of the patched file after that. */
export interface PatchState {
  readonly state: 'original' | 'patched';
  readonly file: string;
  readonly changed: boolean;
}

/** The program that does it, and the patch: in a container they lie elsewhere. */
export interface PatchFiles {
  /** lab/patch.py */
  readonly program: string;
  /** The story's diff. */
  readonly diff: string;
}

/**
 * Applies or reverts a patch in the packages of a Python, or asks for its state. That Python does it itself, by
 * lab/patch.py, as it does in an image that has no Node.
 * @throws StagesError where the file is not one that the patch knows, is not installed, or can't be written
 */
export async function patchPackages(
  verb: PatchVerb,
  python: string,
  { program, diff }: PatchFiles,
): Promise<PatchState> {
  const child = spawn(python, [program, verb, diff, '--json'], { stdio: ['ignore', 'pipe', 'pipe'] });
  const ended = new Promise<void>((resolve, reject) =>
    child.on('error', reject).on('close', () => resolve()),
  );
  const [out, trouble] = await Promise.all([text(child.stdout), text(child.stderr), ended]).catch((error) => {
    throw new StagesError(`${python} can't be run: ${(error as Error).message}`);
  });
  const said = lastLine(out);
  if (said === null) {
    throw new StagesError(`${python} could not run ${program}: ${trouble.trimEnd().split('\n').at(-1)}`);
  }
  if ('error' in said) throw new StagesError(said.error);
  return said;
}

function lastLine(out: string): PatchState | { readonly error: string } | null {
  try {
    return JSON.parse(out.trimEnd().split('\n').at(-1) ?? '');
  } catch {
    return null;
  }
}

/** Applies or reverts all patches of a story in the packages of a Python, or asks how they stand. @throws StagesError */
export async function patchStory(
  verb: PatchVerb,
  { story, folder }: Told,
  interpreter: Interpreter,
): Promise<readonly (PatchState & { readonly id: string })[]> {
  if (story.patches.length === 0) throw new StagesError(`the story ${story.id} has no patch`);
  const states = [];
  for (const { id, diff } of story.patches) {
    const files = { program: PATCH_PROGRAM, diff: join(folder, diff) };
    states.push({ id, ...(await patchPackages(verb, interpreter.file, files)) });
  }
  return states;
}
