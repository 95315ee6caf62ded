import { readStory, select, stagesCache } from '../../stages/index.ts';
import { duration } from '../../view/index.ts';
import type { PrepareFlags } from './options.ts';
import { withPlace } from './place.ts';
import { providerOf } from './plan.ts';

/** Makes all environments of a story, and has its server. */
export async function runPrepare(flags: PrepareFlags, abreast: readonly string[]): Promise<void> {
  const told = await readStory(flags.story);
  const selection = { stages: 'all', protocols: null, n: null } as const;
  const { cells, notes } = await select(told, selection, await providerOf(flags));
  const startedMs = performance.now();
  await withPlace({ told }, flags, abreast, async (place, progress, signal) => {
    await place.prepare(cells, progress.say, signal);
    progress.over();
    const all = [...notes, ...place.notes];
    const rows = [...new Set(cells.map(({ name, version }) => `${name} on ${version}`))];
    if (flags.json) {
      console.log(JSON.stringify({ version: 1, story: told.story.id, ready: rows, notes: all }, null, 2));
      return;
    }
    for (const note of all) console.log(note);
    const where = flags.docker ? '' : `, in ${stagesCache()}`;
    console.log(`Ready in ${duration(performance.now() - startedMs)}${where}: ${rows.join(', ')}`);
  });
}
