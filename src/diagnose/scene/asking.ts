import type { Frame } from '../../trace/index.ts';
import { askingLine, ownFrame } from '../languages/frames.ts';
import { packageOf } from '../languages/index.ts';
import { NEARLY_ALL } from '../thresholds.ts';
import { ofScene, type Scene, type Seen } from './scene.ts';

/** A line, and the requests that were made from it. */
export interface Asking {
  readonly frame: Frame;
  readonly exchanges: readonly Seen[];
}

/** The line that nearly all requests are asked from; else the line of the function that all of them pass through. */
export const askingOf = ofScene((scene): Asking | undefined => {
  const stacked = scene.exchanges.filter(({ exchange }) => exchange.stack !== undefined);
  const least = NEARLY_ALL * stacked.length;
  const lines = Map.groupBy(stacked, ({ exchange }) =>
    askingLine({ kind: 'stack', id: 0, frames: scene.framesOf(exchange.stack) }),
  );
  const [line, own] = largest(lines);
  if (own.length === 0 || line === null) return undefined;
  const frames = scene.framesOf(own[0]!.exchange.stack);
  if (own.length >= least) return { frame: ownFrame(frames) ?? frames.at(-1)!, exchanges: own };
  // A line that is come to once only is in no loop.
  return lines.size * LEAST_TURNS > stacked.length ? undefined : throughOneFunction(scene, stacked, least);
});

/** So often, in the mean, each line of a loop asks. */
const LEAST_TURNS = 3;

/** The innermost function of the program, or of the tool that it is, from which nearly all of them were made. */
function throughOneFunction(scene: Scene, stacked: readonly Seen[], least: number): Asking | undefined {
  const passing = new Map<string, Seen[]>();
  for (const seen of stacked)
    for (const name of new Set(askersOf(scene, seen).map(functionOf)))
      passing.set(name, [...(passing.get(name) ?? []), seen]);
  const [most] = stacked;
  const inner = askersOf(scene, most!).find(
    (frame) => (passing.get(functionOf(frame))?.length ?? 0) >= least,
  );
  if (inner === undefined) return undefined;
  const exchanges = passing.get(functionOf(inner))!;
  const lines = Map.groupBy(
    exchanges.flatMap(
      (seen) => askersOf(scene, seen).find((frame) => functionOf(frame) === functionOf(inner)) ?? [],
    ),
    ({ line }) => line,
  );
  return { frame: largest(lines)[1][0]!, exchanges };
}

/** The frames of its stack that are of the program itself, or, in a tool, of what is installed. */
function askersOf(scene: Scene, { exchange }: Seen): readonly Frame[] {
  const frames = scene.framesOf(exchange.stack);
  const asking = ownFrame(frames);
  if (asking === undefined) return [];
  const tool = packageOf(asking.file);
  return frames.slice(frames.indexOf(asking)).filter(({ file }) => packageOf(file) === tool);
}

const functionOf = ({ file, function: name }: Frame): string => `${file}:${name}`;

function largest<K, V>(groups: ReadonlyMap<K, readonly V[]>): readonly [K | null, readonly V[]] {
  return [...groups].sort(([, a], [, b]) => b.length - a.length)[0] ?? [null, []];
}
