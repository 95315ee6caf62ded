import type { Cell } from './cell.ts';
import { StagesError } from './error.ts';
import { Room } from './limit.ts';
import type { StagesPlace } from './place.ts';
import { cameOf, type Result, troubleOf } from './result.ts';
import type { Scene } from './story.ts';

/** What runs now of a cell: a program's name, 'watch' for the concurrent one under recorders, or a scene's id. */
export interface CellStep {
  readonly cell: Cell;
  readonly doing: string;
}

/** Told as it goes. */
export interface Witness {
  began(step: CellStep): void;
  ended(step: CellStep): void;
}

export interface Performance {
  readonly place: StagesPlace;
  readonly witness: Witness;
  readonly signal: AbortSignal;
  /** Also watches the cells that came out as fast as they should. */
  readonly watchesAll?: boolean;
  /** Shown of a cell, after it was timed. */
  scenesOf(cell: Cell): readonly Scene[];
  /** Arguments of the user for scenes, such as `--depth 12`. */
  readonly rest: readonly string[];
}

/**
 * Runs the cells side by side, and gives their results in the order of the cells, each as soon as it and those before
 * it are there. Cells whose requests waited for each other are run again under recorders, after they were timed.
 */
export async function* perform(cells: readonly Cell[], performance: Performance): AsyncGenerator<Result> {
  const room = new Room(performance.place.room);
  const results = cells.map((cell) => resultOf(cell, { ...performance, room }));
  for (const result of results) result.catch(() => {}); // told when its turn comes
  for (const result of results) yield await result;
}

interface Stand extends Performance {
  readonly room: Room;
}

async function resultOf(cell: Cell, stand: Stand): Promise<Result> {
  const { n, programs, expected } = cell;
  const { place, signal, rest } = stand;
  const trouble: string[] = [];
  const timed = await timesOf(cell, stand, trouble);
  const { serial, concurrent } = timed;
  const came = cameOf(serial, concurrent, n);
  const later = <T>(doing: string, work: () => Promise<T>) =>
    stand.room.with(() => doStep({ cell, doing }, stand, trouble, work), true);
  const [verdict, ...scenes] = await Promise.all([
    (stand.watchesAll === true && came !== 'failed') || isWatched(expected, came)
      ? later('watch', () => place.watch(cell, signal))
      : null,
    ...stand.scenesOf(cell).map(async (scene) => {
      const text = await later(scene.id, () => place.show(cell, scene, scene.words ? rest : [], signal));
      return text === null ? [] : [{ scene, text }];
    }),
  ]);
  return {
    cell,
    ...timed,
    came,
    asExpected: expected === null ? null : came === expected,
    verdict,
    scenes: scenes.flat(),
    trouble: [
      ...trouble,
      ...troubleOf(programs.serial.name, serial, n),
      ...troubleOf(programs.concurrent.name, concurrent, n),
    ],
  };
}

type Timed = Pick<Result, 'serial' | 'concurrent' | 'beside'>;

/**
 * Both programs of a cell, beside those of others. What comes out in between may be the others' doing, as handshakes
 * want the processor that they all share: it is timed again while nothing else runs.
 */
async function timesOf(cell: Cell, stand: Stand, trouble: string[]): Promise<Timed> {
  const time = (program: 'serial' | 'concurrent') =>
    doStep({ cell, doing: cell.programs[program].name }, stand, trouble, () =>
      stand.place.run(cell, program, stand.signal),
    );
  const [serial, concurrent] = await Promise.all([
    stand.room.with(() => time('serial')),
    stand.room.with(() => time('concurrent')),
  ]);
  if (cameOf(serial, concurrent, cell.n) !== 'partly') return { serial, concurrent, beside: null };
  const alone = await stand.room.alone(async () => [await time('serial'), await time('concurrent')] as const);
  return {
    serial: alone[0],
    concurrent: alone[1],
    beside: { serialSeconds: serial!.seconds, concurrentSeconds: concurrent!.seconds },
  };
}

/** Diagnoses slow cells, and cells without an expected result. */
function isWatched(expected: Cell['expected'], came: Result['came']): boolean {
  return came !== 'failed' && (came !== 'fast' || expected === null);
}

/** What keeps a step from its end is trouble of the cell, and gives null. */
async function doStep<T>(
  step: CellStep,
  { witness, signal }: Stand,
  trouble: string[],
  work: () => Promise<T>,
): Promise<T | null> {
  signal.throwIfAborted();
  witness.began(step);
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof StagesError)) throw error;
    trouble.push(error.message);
    return null;
  } finally {
    witness.ended(step);
  }
}
