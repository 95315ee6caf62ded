import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Cell } from '../cell.ts';
import { makeEnvironment } from '../environments/make.ts';
import { environmentOf, isMade, type PythonEnvironment, recipeOf } from '../environments/packages.ts';
import { StagesError } from '../error.ts';
import { Room } from '../limit.ts';
import { patchPackages } from '../patch.ts';
import type { Say } from '../place.ts';
import { PATCH_PROGRAM, type Told } from '../stories.ts';

/** Installs unpack and compile more than they fetch: more at once than cores are no quicker. */
const MOST_INSTALLS = 3;

/** The environments of a story's cells. */
export class Installed {
  readonly #told: Told;
  readonly #cache: string;
  readonly #offline: boolean;

  constructor(options: { readonly told: Told; readonly cache: string; readonly offline: boolean }) {
    this.#told = options.told;
    this.#cache = options.cache;
    this.#offline = options.offline;
  }

  /** Makes what the cells need and is not made yet. @throws StagesError */
  async prepare(cells: readonly Cell[], say: Say, signal: AbortSignal): Promise<void> {
    const needed = cells.map((cell) => this.#environmentOf(cell)).filter((each) => each !== null);
    const distinct = [...new Map(needed.map((each) => [each.folder, each])).values()];
    const missing = distinct.filter((each) => !isMade(each));
    if (missing.length > 0 && this.#offline) {
      const names = missing.map(({ recipe }) => recipe.name).join(', ');
      throw new StagesError(
        `not made yet, and --offline forbids to fetch what it takes: ${names}. Run abreast stages prepare first`,
      );
    }
    const room = new Room(MOST_INSTALLS);
    const failed = new AbortController();
    const either = AbortSignal.any([signal, failed.signal]);
    const making = missing.map((each) =>
      room.with(() => makeEnvironment(each, { cache: this.#cache, say, signal: either })),
    );
    for (const one of making) one.catch((error) => failed.abort(error));
    await Promise.allSettled(making);
    either.throwIfAborted();
    await Promise.all(distinct.map((each) => this.#patch(each)));
  }

  /** What starts the cell's programs. */
  interpreterOf(cell: Cell): string {
    return this.#environmentOf(cell)?.python ?? cell.interpreter!.file;
  }

  #environmentOf(cell: Cell): PythonEnvironment | null {
    const recipe = recipeOf(cell, this.#told.folder);
    if (recipe === null) return null;
    const diff = this.#diffOf(recipe.patch);
    return environmentOf(recipe, diff === null ? '' : readFileSync(diff, 'utf8'), this.#cache);
  }

  /** Also where it is made already: somebody may have reverted the patch there. */
  async #patch({ recipe, python }: PythonEnvironment): Promise<void> {
    const diff = this.#diffOf(recipe.patch);
    if (diff !== null) await patchPackages('apply', python, { program: PATCH_PROGRAM, diff });
  }

  #diffOf(id: string | undefined): string | null {
    const patch = this.#told.story.patches.find((each) => each.id === id);
    return patch === undefined ? null : join(this.#told.folder, patch.diff);
  }
}
