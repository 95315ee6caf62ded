/** Where inputs come from: URLs with the rest of their row, read from text, CSV or JSON Lines as they are needed. */
export { InputError } from './error.ts';
export type { Rows } from './flattened.ts';
export { openRows, type RowPlace } from './open.ts';
export type { Row } from './row.ts';
