import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Distribution } from '../environment/environment.ts';

/** What Node loads first. */
export const NODE_HOOK = fileURLToPath(new URL('./node/hook.cjs', import.meta.url));

export interface NodeHiding {
  readonly hidden: readonly Distribution[];
  /** Packages that come from the folders where they are. */
  readonly overlaid: readonly Distribution[];
  readonly marks: string;
}

/** The variables with which a Node hides packages, beside what the user has in them. */
export function nodeHiding(
  { hidden, overlaid, marks }: NodeHiding,
  { NODE_OPTIONS }: NodeJS.ProcessEnv,
): Record<string, string> {
  const file = /[\s"\\]/.test(NODE_HOOK) ? `"${NODE_HOOK.replaceAll(/["\\]/g, '\\$&')}"` : NODE_HOOK;
  return {
    NODE_OPTIONS: ['--require', file, NODE_OPTIONS].filter(Boolean).join(' '),
    ABREAST_HIDE: JSON.stringify(
      hidden.map(({ name, folder, files }) => (files[0] === undefined ? name : join(folder, files[0]))),
    ),
    ABREAST_OVERLAY: JSON.stringify(Object.fromEntries(overlaid.map(({ key, folder }) => [key, folder]))),
    ABREAST_HIDE_MARK: marks,
  };
}
