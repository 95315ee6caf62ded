import { createHash } from 'node:crypto';
import { dirname, join } from 'node:path';
import { stagesCache } from '../../../stages/index.ts';

/** How environments are made of files. */
export interface Making {
  /** Of those of Python: '3.11', or the file of an interpreter; undefined: what the command would start. */
  readonly python: string | undefined;
  readonly command: readonly string[];
  /** Told what is under way. */
  readonly say: (what: string) => void;
  readonly signal: AbortSignal;
}

/** The folder of an environment: the same parts have the same folder. @param name 'python-3.11.7' */
export function folderOf(name: string, parts: readonly string[]): string {
  const hash = createHash('sha256')
    .update(JSON.stringify([LAYOUT, ...parts]))
    .digest('hex')
    .slice(0, 16);
  return join(dirname(stagesCache()), 'environments', `${name}-${hash}`);
}

/** Changes when environments are made in another way than before. */
const LAYOUT = 1;

/** What is said where an index can't be reached, after why. */
export const WITHOUT_NETWORK =
  'or run it where there is a network: an environment that was made is then used without one';
