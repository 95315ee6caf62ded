import { availableParallelism, loadavg } from 'node:os';
import { type Cell, perform, type Result, type Scene, type StagesPlace } from '../../stages/index.ts';
import { duration, paint, WIDTH, wrap } from '../../view/index.ts';
import { refuseUnwritable } from '../html.ts';
import { jsonOf } from './json.ts';
import { listStories } from './list.ts';
import type { StagesFlags } from './options.ts';
import { writeStagesPage } from './page.ts';
import { withPlace } from './place.ts';
import { type Plan, planOf } from './plan.ts';
import type { StagesProgress } from './progress.ts';
import { sceneLines, Telling } from './story-text.ts';

/** Does what a command line of stages says, and leaves its exit code: 1 where a cell came out differently. */
export async function runStages(
  words: readonly string[],
  flags: StagesFlags,
  abreast: readonly string[],
): Promise<void> {
  if (flags.list) return listStories(flags);
  if (flags.html !== undefined) refuseUnwritable(flags.html);
  const plan = await planOf(words, flags);
  await withPlace(plan, flags, abreast, async (place, progress, signal) => {
    await place.prepare(plan.cells, progress.say, signal);
    await (plan.scenesAlone ? showScenes(plan, place, signal) : tell(plan, flags, place, progress, signal));
  });
}

async function tell(
  plan: Plan,
  flags: StagesFlags,
  place: StagesPlace,
  progress: StagesProgress,
  signal: AbortSignal,
): Promise<void> {
  const startedMs = performance.now();
  const telling = new Telling();
  const results: Result[] = [];
  const print = (lines: readonly string[]) => {
    progress.clear();
    for (const line of lines) console.log(line);
  };
  const notes = [...plan.notes, ...place.notes, ...busyNotes()];
  if (!flags.json) print(noteLines(notes));
  const scenes = onceEach(plan);
  const performing = perform(plan.cells, {
    place,
    signal,
    rest: plan.rest,
    watchesAll: flags.html !== undefined,
    witness: progress,
    scenesOf: (cell) => scenes.get(cell) ?? [],
  });
  for await (const result of performing) {
    results.push(result);
    if (!flags.json) print(telling.linesOf(result, plan.cells));
  }
  progress.over();
  const wallMs = performance.now() - startedMs;
  if (flags.json) console.log(JSON.stringify(jsonOf(plan.told.story.id, notes, results, wallMs), null, 2));
  else print([...telling.gap(), ending(results, wallMs)]);
  if (flags.html !== undefined) await writeStagesPage(flags.html, results);
  if (results.some(({ asExpected, trouble }) => asExpected === false || trouble.length > 0))
    process.exitCode = 1;
}

/** What others do on this machine makes the seconds longer. */
function busyNotes(): string[] {
  const [load] = loadavg();
  const cores = availableParallelism();
  if (load! <= cores) return [];
  return [
    `This machine is busy (load ${load!.toFixed(1)} on ${cores} cores): seconds will be longer than they need be.`,
  ];
}

function noteLines(notes: readonly string[]): string[] {
  const lines = notes.flatMap((note) => wrap(note, WIDTH)).map((line) => paint('warn', line, process.stdout));
  return lines.length === 0 ? [] : [...lines, ''];
}

/** Which scenes are shown for which cell: scenes without a server once for each environment. */
function onceEach({ cells, scenes }: Plan): ReadonlyMap<Cell, readonly Scene[]> {
  const seen = new Set<string>();
  return new Map(
    cells.map((cell) => {
      const environment = `${cell.name} ${cell.version}`;
      const shown = scenes.filter(({ server }) => server || !seen.has(environment));
      seen.add(environment);
      return [cell, shown];
    }),
  );
}

async function showScenes(plan: Plan, place: StagesPlace, signal: AbortSignal): Promise<void> {
  for (const [cell, scenes] of onceEach(plan)) {
    for (const scene of scenes) {
      const text = await place.show(cell, scene, scene.words ? plan.rest : [], signal);
      console.log(`Stage ${cell.name} on ${cell.version}`);
      for (const line of sceneLines({ scene, text })) console.log(line);
    }
  }
}

function ending(results: readonly Result[], wallMs: number): string {
  const judged = results.filter(({ asExpected }) => asExpected !== null);
  const different = judged.filter(({ asExpected }) => !asExpected);
  const took = `in ${duration(wallMs)}`;
  if (judged.length === 0) return `${results.length} ${results.length === 1 ? 'row' : 'rows'} ${took}`;
  if (different.length === 0)
    return `${paint('good', `${judged.length} of ${judged.length} as expected`, process.stdout)} ${took}`;
  const which = different.map(
    ({ cell, came }) =>
      `${cell.name} on ${cell.version}, ${cell.protocol}, n ${cell.n}: ${came}, expected ${cell.expected}`,
  );
  return [
    `${paint('bad', `${different.length} of ${judged.length} not as expected`, process.stdout)} ${took}`,
    ...which,
  ].join('\n');
}
