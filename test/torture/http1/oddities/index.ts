import type { Oddity } from '../oddity.ts';
import { REST } from './around.ts';
import { CHUNKS } from './chunks.ts';
import { FIELDS } from './fields.ts';
import { LENGTHS } from './lengths.ts';
import { STATUS_LINES } from './status-lines.ts';
import { CODINGS } from './transfer-codings.ts';

/** All of them; those of one group do not go together. */
export const ODDITIES: readonly (readonly [weight: number, group: readonly Oddity[]])[] = [
  [3, STATUS_LINES],
  [6, FIELDS],
  [3, LENGTHS],
  [3, CODINGS],
  [5, CHUNKS],
  [2, REST],
];
