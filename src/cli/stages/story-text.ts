import type { Cell, Result, Shown } from '../../stages/index.ts';
import { diagnosisLines, paint, WIDTH, wrap } from '../../view/index.ts';
import { headLine, rowLine } from './table.ts';

/** The story as text, one result after the other. */
export class Telling {
  #stage: number | null = null;
  #head = '';
  #diagnosis = '';
  #wasDiagnosis = false;

  /** The lines of the next result: those of its stage before the first of it, its row, its diagnosis, its scenes. */
  linesOf(result: Result, cells: readonly Cell[]): readonly string[] {
    const { cell } = result;
    const lines: string[] = [];
    if (cell.stage.id !== this.#stage) {
      if (this.#stage !== null) lines.push(...this.gap());
      lines.push(...stageLines(cell, cells));
      this.#stage = cell.stage.id;
      this.#head = '';
    }
    const head = headLine(cell);
    if (head !== this.#head) lines.push(head);
    this.#head = head;
    const below = [
      ...installedLines(result),
      ...againLines(result),
      ...this.#diagnosisOf(result),
      ...troubleLines(result),
      ...result.scenes.flatMap(sceneLines),
    ];
    lines.push(rowLine(result), ...below);
    if (below.length > 0) lines.push('');
    this.#wasDiagnosis = below.length > 0;
    return lines;
  }

  /** The separator between the last line and the next block. */
  gap(): readonly string[] {
    return this.#wasDiagnosis ? [] : [''];
  }

  /** In full when it is new, in a line when it is the one before, of another number of requests. */
  #diagnosisOf({ verdict }: Result): readonly string[] {
    if (verdict === null) return [];
    const why = JSON.stringify(verdict.causes.map(({ id, text }) => [id, text]));
    const isSame = why === this.#diagnosis && verdict.causes.length > 0;
    this.#diagnosis = why;
    const lines = diagnosisLines({ ...verdict, causes: isSame ? [] : verdict.causes }, process.stdout);
    return isSame ? [...lines, 'why    As above.'] : lines;
  }
}

function stageLines({ stage }: Cell, cells: readonly Cell[]): readonly string[] {
  const titled = cells.filter((cell) => cell.stage.id === stage.id && cell.run.title !== undefined);
  const alike = Map.groupBy(titled, ({ name, run }) => `${name} ${run.title}`);
  const variants = [...alike.values()].map((same) => {
    const versions = [...new Set(same.map(({ version }) => version))].join(', ');
    return `${same[0]!.name} on ${versions}: ${same[0]!.run.title}`;
  });
  return [
    paint('strong', `Stage ${stage.id}: ${stage.title}`, process.stdout),
    ...wrap(stage.text, WIDTH),
    ...variants.flatMap((text) => wrap(text, WIDTH)),
    '',
  ];
}

/** What is installed in the user's own Pythons is not known before they ran. */
function installedLines({ cell, concurrent }: Result): readonly string[] {
  const modules = Object.entries(concurrent?.modules ?? {});
  if (cell.stage.id !== 0 || modules.length === 0) return [];
  return wrap(`with ${modules.map(([name, version]) => `${name} ${version}`).join(', ')}`, WIDTH);
}

function againLines({ beside }: Result): readonly string[] {
  if (beside === null) return [];
  const { serialSeconds, concurrentSeconds } = beside;
  const took = `${serialSeconds.toFixed(2)} s and ${concurrentSeconds.toFixed(2)} s`;
  return wrap(`Timed by itself, as beside the others it took ${took}, neither fast nor slow.`, WIDTH);
}

function troubleLines({ trouble, asExpected, came, cell }: Result): readonly string[] {
  const lines = trouble.flatMap((text) => wrap(text, WIDTH));
  if (asExpected === false) lines.unshift(`Not as expected: it should be ${cell.expected}, and is ${came}.`);
  return lines.map((line) => paint('bad', line, process.stdout));
}

/** What a scene printed is as it printed it. */
export function sceneLines({ scene, text }: Shown): readonly string[] {
  return [
    '',
    paint('strong', `${scene.id}: ${scene.title}`, process.stdout),
    ...wrap(scene.text, WIDTH),
    '',
    text,
  ];
}
