import { delimiter, dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Distribution } from '../environment/environment.ts';

/** The hook has to keep its name, by which Python finds it, and so lies in a folder of its own. */
export const PYTHON_HOOK = fileURLToPath(new URL('./python/sitecustomize.py', import.meta.url));

export interface Hiding {
  readonly hidden: readonly Distribution[];
  /** A folder as `makeOverlay` makes it; null: nothing is put in front. */
  readonly overlay: string | null;
  /** Where each process leaves its mark. */
  readonly marks: string;
}

/** The variables with which a Python hides distributions, beside what the user has in them. */
export function pythonHiding(
  { hidden, overlay, marks }: Hiding,
  { PYTHONPATH }: NodeJS.ProcessEnv,
): Record<string, string> {
  return {
    PYTHONPATH: [dirname(PYTHON_HOOK), PYTHONPATH].filter(Boolean).join(delimiter),
    ABREAST_HIDE: hidden.flatMap(({ modules }) => modules).join(delimiter),
    ABREAST_HIDE_NAMES: hidden.map(({ name }) => name).join(delimiter),
    ABREAST_OVERLAY: overlay ?? '',
    ABREAST_HIDE_MARK: marks,
  };
}
