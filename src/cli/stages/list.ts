import { readStory, storyNames } from '../../stages/index.ts';
import { paint, WIDTH, wrap } from '../../view/index.ts';
import type { StagesFlags } from './options.ts';

/** The stories that come with abreast and the one that was named, with their stages and scenes. */
export async function listStories({ story, json }: StagesFlags): Promise<void> {
  const { story: named } = await readStory(story);
  const others = storyNames().filter((name) => name !== story);
  const stories = [named, ...(await Promise.all(others.map(async (name) => (await readStory(name)).story)))];
  if (json) {
    console.log(JSON.stringify({ stories }, null, 2));
    return;
  }
  for (const { id, title, summary, runtimes, yours, stages, scenes } of stories) {
    console.log(paint('strong', `${id}: ${title}`, process.stdout));
    for (const line of wrap(summary, WIDTH)) console.log(line);
    console.log(
      `on       ${runtimes.map(({ versions, language }) => versions.join(', ') || language).join('; ')}`,
    );
    const all = [...(yours === undefined ? [] : [{ id: 0, title: yours.title }]), ...stages];
    for (const stage of all) console.log(`stage ${stage.id}  ${stage.title}`);
    for (const scene of scenes) console.log(`--scene ${scene.id}: ${scene.title}`);
    console.log();
  }
}
