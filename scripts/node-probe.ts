/**
 * `node scripts/node-probe.ts`: joins the parts in src/watch/recorders/node/probe to the one file that is loaded into
 * Node programs, probe.cjs beside it.
 */
import { writeFileSync } from 'node:fs';
import { named, partsIn, textOf } from './probe-parts.ts';

const RECORDER = new URL('../src/watch/recorders/node/', import.meta.url);
export const PARTS = new URL('probe/', RECORDER);
export const PROBE = new URL('probe.cjs', RECORDER);

/** The text of the file. What the first part says, lint reads of the whole file: nothing may stand above it. */
export function assembled(): string {
  const [first, ...parts] = partsIn(PARTS);
  return [textOf(first!, PARTS), ...parts.map((part) => named(part, PARTS, '//'))].join('\n');
}

if (import.meta.main) writeFileSync(PROBE, assembled());
