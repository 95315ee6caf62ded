import { join } from 'node:path';
import { StagesError } from './error.ts';
import type { Interpreter } from './interpreters/interpreter.ts';
import { type PatchState, type PatchVerb, patchPackages } from './patch/index.ts';
import { PATCH_PROGRAM, type Told } from './stories.ts';

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
