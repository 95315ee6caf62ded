import type { CauseId } from '../causes/index.ts';
import { ANSWERED } from './answered.ts';
import { CONNECTED } from './connected.ts';
import { DISPATCHED } from './dispatched.ts';
import type { Example } from './example.ts';
import { SENT } from './sent.ts';
import { WANTED } from './wanted.ts';

export type { Example } from './example.ts';

/** A slow and a fast program of each cause, by the step that it delays. */
export const EXAMPLES: Readonly<Record<CauseId, readonly Example[]>> = {
  ...WANTED,
  ...DISPATCHED,
  ...CONNECTED,
  ...SENT,
  ...ANSWERED,
};
