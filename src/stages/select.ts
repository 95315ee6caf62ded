import type { Cell, Row, Selected } from './cell.ts';
import { StagesError } from './error.ts';
import { ownRows } from './own.ts';
import type { Provided, Provider } from './pythons.ts';
import type { Told } from './stories.ts';
import type { Runtime, Scheme, Stage, StageRun, Story } from './story.ts';

/** What of a story is to be run; null is what the story says. */
export interface Selection {
  readonly stages: readonly number[] | 'all' | null;
  readonly protocols: readonly Scheme[] | null;
  readonly n: readonly number[] | null;
}

/** The cells of a selection, in the order of the table. @throws StagesError where the story has no such thing */
export async function select(
  { story }: Told,
  selection: Selection,
  provider: Provider,
): Promise<Selected<Cell>> {
  refuseUnknownVersions(story, provider.named);
  const rows: Selected<Row>[] = [];
  for (const id of stagesOf(story, selection.stages)) {
    const stage = story.stages.find((each) => each.id === id);
    if (stage !== undefined) rows.push(await rowsOf(story, stage, provider));
    else if (story.yours !== undefined) rows.push(await ownRows(story.yours, await provider.own()));
    else
      throw new StagesError(
        `the story ${story.id} has no stage 0: nothing in it is of your own installation`,
      );
  }
  const protocols = selection.protocols ?? story.defaults.protocols;
  const ns = selection.n ?? story.defaults.n;
  return {
    cells: rows.flatMap(({ cells }) =>
      cells.flatMap((row) => protocols.flatMap((protocol) => ns.map((n) => cellOf(row, protocol, n)))),
    ),
    notes: rows.flatMap(({ notes }) => notes),
  };
}

function cellOf(row: Row, protocol: Scheme, n: number): Cell {
  const { expected } = row;
  return {
    ...row,
    protocol,
    n,
    expected: expected === null || typeof expected === 'string' ? expected : expected[protocol],
  };
}

function stagesOf({ id, stages, defaults, yours }: Story, asked: Selection['stages']): readonly number[] {
  const known = stages.map((stage) => stage.id);
  if (asked === 'all') return known;
  for (const each of asked ?? []) {
    if (known.includes(each) || each === 0) continue;
    const all = [...(yours === undefined ? [] : [0]), ...known];
    throw new StagesError(`the story ${id} has no stage ${each}: it has ${all.join(', ')}, and all`);
  }
  return [...new Set(asked ?? defaults.stages)].sort((one, other) => one - other);
}

function refuseUnknownVersions({ id, runtimes }: Story, named: readonly string[] | null): void {
  const known = runtimes.flatMap(({ versions }) => versions);
  if (named !== null && known.length === 0)
    throw new StagesError(`the story ${id} is not about Python: leave --python out`);
  for (const version of named ?? []) {
    if (!known.includes(version))
      throw new StagesError(
        `the story ${id} has no pins for Python ${version}: it has them for ${known.join(', ')}`,
      );
  }
}

async function rowsOf(story: Story, stage: Stage, provider: Provider): Promise<Selected<Row>> {
  const cells: Row[] = [];
  const notes: string[] = [];
  for (const runtime of story.runtimes) {
    const runs = stage.runs.filter((run) => run.runtimes.includes(runtime.id) && isWanted(run, provider));
    if (runs.length === 0) continue;
    const provided = await provider.provide(runtime);
    if (provided.length === 0 && provider.named === null)
      notes.push(`Stage ${stage.id} was left out on today's releases: ${provider.lacks(runtime)}.`);
    for (const each of provided) cells.push(...runs.map((run) => rowOf(story, stage, run, runtime, each)));
  }
  for (const version of provider.named ?? []) {
    if (!cells.some((row) => row.version === version))
      notes.push(`Stage ${stage.id} is not told on Python ${version}.`);
  }
  return { cells, notes };
}

function isWanted({ onlyWhenNamed }: StageRun, { named }: Provider): boolean {
  return named !== null || !onlyWhenNamed;
}

function rowOf(story: Story, stage: Stage, run: StageRun, runtime: Runtime, provided: Provided): Row {
  return {
    stage,
    name: `${stage.id}${run.variant ?? ''}`,
    run,
    runtime,
    ...provided,
    programs: story.programs,
    expected: run.expected,
  };
}
