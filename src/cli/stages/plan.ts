import {
  type Cell,
  type Provider,
  providedByPlace,
  providedHere,
  readStory,
  type Scene,
  type Selection,
  select,
  type Told,
} from '../../stages/index.ts';
import { UsageError } from '../usage.ts';
import type { StagesFlags } from './options.ts';

/** Everything to do, after checking what the user typed against the story. */
export interface Plan {
  readonly told: Told;
  readonly cells: readonly Cell[];
  readonly scenes: readonly Scene[];
  /** For the scenes: what stood after `--`. */
  readonly rest: readonly string[];
  /** Scenes that need no server, and nothing else was asked for. */
  readonly scenesAlone: boolean;
  readonly notes: readonly string[];
}

/** @throws UsageError, StagesError and DocumentError, each saying what to do */
export async function planOf(words: readonly string[], flags: StagesFlags): Promise<Plan> {
  const told = await readStory(flags.story);
  const cut = words.findIndex((word) => word.startsWith('-'));
  const rest = cut === -1 ? [] : words.slice(cut);
  const stages = stagesIn(cut === -1 ? words : words.slice(0, cut));
  const scenes = scenesOf(told, flags);
  const first = scenes[0];
  if (rest.length > 0 && !scenes.some(({ words: takesWords }) => takesWords))
    throw new UsageError(
      `${rest.join(' ')} is for a scene that takes words, such as --trace-calls; none is shown`,
    );
  const selection: Selection = {
    stages: stages ?? (first === undefined ? null : [first.stage]),
    protocols: protocolsOf(flags),
    n: flags.n ?? null,
  };
  const { cells, notes } = await select(told, selection, await providerOf(flags));
  if (cells.length === 0) throw new UsageError(`nothing is left to run: ${notes.join(' ')}`);
  const scenesAlone = stages === null && first !== undefined && !scenes.some(({ server }) => server);
  return { told, cells, scenes, rest, scenesAlone, notes };
}

/** Interpreters of this machine, or of the containers. */
export function providerOf({ python, docker }: Pick<StagesFlags, 'python' | 'docker'>): Promise<Provider> {
  const named = python ?? null;
  if (!docker) return providedHere(named);
  const path = named?.find((word) => word.includes('/'));
  if (path !== undefined)
    throw new UsageError(`--python ${path}: containers bring their own Pythons; name versions alone`);
  return Promise.resolve(providedByPlace(named));
}

function stagesIn(words: readonly string[]): Selection['stages'] {
  if (words.length === 0) return null;
  if (words.includes('all')) return 'all';
  return words.flatMap((word) => word.split(',')).flatMap(range);
}

function range(word: string): number[] {
  const [, from, to] = /^(\d+)(?:-(\d+))?$/.exec(word) ?? [];
  if (from === undefined)
    throw new UsageError(
      `'${word}' is no stage: say a number, a range (1-3) or all; abreast stages --list shows them`,
    );
  const [first, last] = [Number(from), Number(to ?? from)];
  if (last < first || last - first > 100) throw new UsageError(`${word} is no range of stages`);
  return Array.from({ length: last - first + 1 }, (_, at) => first + at);
}

function scenesOf({ story }: Told, flags: StagesFlags): readonly Scene[] {
  const ids = [
    ...flags.scene,
    ...(flags.profile ? ['profile'] : []),
    ...(flags.traceCalls ? ['trace-calls'] : []),
    ...(flags.socketClass ? ['socket-class'] : []),
  ];
  return [...new Set(ids)].map((id) => {
    const scene = story.scenes.find((each) => each.id === id);
    if (scene !== undefined) return scene;
    const known = story.scenes.map((each) => each.id).join(', ');
    throw new UsageError(`the story ${story.id} has no scene ${id}: it has ${known || 'none'}`);
  });
}

function protocolsOf({ proto, url }: StagesFlags): Selection['protocols'] {
  if (url === undefined) return proto ?? null;
  const own = url.protocol === 'https:' ? 'https' : 'http';
  if (proto?.some((each) => each !== own))
    throw new UsageError(`--url ${url.href} speaks ${own}: --proto can't be anything else`);
  return [own];
}
