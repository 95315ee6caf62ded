import { type PatchVerb, patchStory, providedHere, readStory } from '../../stages/index.ts';
import { UsageError } from '../usage.ts';
import type { PatchFlags } from './options.ts';

/** Puts the story's patches into the packages of a Python, takes them out, or says how they stand. */
export async function runPatch(verb: string, { story, python, json }: PatchFlags): Promise<void> {
  const told = await readStory(story);
  const [interpreter, ...others] = await (await providedHere(python ?? null)).own();
  if (interpreter === undefined)
    throw new UsageError('there is no Python on PATH: name it with --python PATH');
  if (python !== undefined && others.length > 0) throw new UsageError('one Python at a time: --python PATH');
  const states = await patchStory(verb as PatchVerb, told, interpreter);
  if (json) console.log(JSON.stringify({ version: 1, python: interpreter.file, patches: states }, null, 2));
  else
    for (const { id, file, state, changed } of states) {
      const done = verb === 'status' || changed ? '' : ' already, nothing done';
      console.log(`${id}: ${file}: ${state}${done}`);
    }
}
