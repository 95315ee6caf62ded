import { existsSync, readdirSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { didYouMean, type Fault, faultyDocument, type Path, readDocument } from '../document/index.ts';
import { StagesError } from './error.ts';
import { type Story, storySchema } from './story.ts';

/** The stories that come with abreast. */
const LAB = fileURLToPath(new URL('../../lab', import.meta.url));

/** Applies and reverts patches, by the Python whose packages they change. */
export const PATCH_PROGRAM = join(LAB, 'patch.py');

/** A story that was read, and the folder that it is. */
export interface Told {
  readonly story: Story;
  readonly folder: string;
}

/**
 * Reads the story of a name, or of a folder.
 * @throws StagesError when there is none, DocumentError when its story.yaml is wrong
 */
export async function readStory(nameOrFolder: string): Promise<Told> {
  const folder = folderOf(nameOrFolder);
  const file = join(folder, 'story.yaml');
  const { value: story, document } = await readDocument(file, storySchema);
  const faults = [...unknownNames(story)];
  if (faults.length > 0) throw faultyDocument(document, faults);
  return { story, folder };
}

/** The names of the stories that come with abreast. */
export function storyNames(): string[] {
  return readdirSync(LAB)
    .filter((name) => existsSync(join(LAB, name, 'story.yaml')))
    .sort();
}

function folderOf(nameOrFolder: string): string {
  const names = storyNames();
  if (names.includes(nameOrFolder)) return join(LAB, nameOrFolder);
  const folder = resolve(nameOrFolder);
  if (existsSync(join(folder, 'story.yaml'))) return folder;
  throw new StagesError(
    nameOrFolder.includes('/')
      ? `${nameOrFolder} is no story: there is no ${join(nameOrFolder, 'story.yaml')}`
      : `there is no story ${nameOrFolder}${didYouMean(nameOrFolder, names)}: there are ${names.join(', ')}; a folder with a story.yaml is one, too (--story ./${basename(nameOrFolder)})`,
  );
}

/** What a schema can't see: names that nothing else in the story has. */
function* unknownNames({ stages, runtimes, patches, scenes, defaults }: Story): Generator<Fault> {
  const names = {
    runtime: runtimes.map(({ id }) => id),
    patch: patches.map(({ id }) => id),
    stage: stages.map((stage) => String(stage.id)),
  };
  const unless = (what: keyof typeof names, name: string, path: Path): Fault[] => {
    if (names[what].includes(name)) return [];
    const meant = what === 'stage' ? '' : didYouMean(name, names[what]);
    return [{ path, text: `the story has no ${what} ${name}${meant}` }];
  };

  for (const [at, { runs }] of stages.entries()) {
    for (const [which, run] of runs.entries()) {
      const path = ['stages', at, 'runs', which];
      for (const [nth, name] of run.runtimes.entries())
        yield* unless('runtime', name, [...path, 'runtimes', nth]);
      if (run.patch !== undefined) yield* unless('patch', run.patch, [...path, 'patch']);
    }
  }
  for (const [at, id] of defaults.stages.entries())
    if (id !== 0) yield* unless('stage', String(id), ['defaults', 'stages', at]);
  for (const [at, { stage }] of scenes.entries())
    yield* unless('stage', String(stage), ['scenes', at, 'stage']);
}
