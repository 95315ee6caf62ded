import type { Peer } from './case.ts';
import { CODINGS } from './known/codings.ts';
import type { Known } from './known/difference.ts';
import { FRAMING } from './known/framing.ts';
import { HEADS } from './known/heads.ts';
import { HTTP2 } from './known/http2.ts';
import { REDIRECTS } from './known/redirects.ts';

export type { Known } from './known/difference.ts';

/**
 * All known differences. One that is not here is a failure, until somebody has read what the RFC says, and has added
 * it here or corrected abreast.
 */
export const KNOWN: readonly Known[] = [...HEADS, ...FRAMING, ...CODINGS, ...REDIRECTS, ...HTTP2];

/** Its row of the table in docs/robustness.md. */
export function rowOf({ marks, peers, way, rfc, says }: Known): string {
  return `| ${marks.join(', ')} | ${way} | ${peers.join(', ')} | ${rfc} | ${says} |`;
}

/** Why abreast may differ from `peer` in this way on an answer with these marks; null when nobody has said so. */
export function knownOf(marks: readonly string[], peer: Peer, way: Known['way']): Known | null {
  const isMeant = (entry: Known) =>
    entry.marks.some((pattern) => marks.some((mark) => matches(pattern, mark)));
  return KNOWN.find((entry) => entry.way === way && entry.peers.includes(peer) && isMeant(entry)) ?? null;
}

function matches(pattern: string, mark: string): boolean {
  const [start = '', end] = pattern.split('*');
  return end === undefined ? mark === pattern : mark.startsWith(start) && mark.endsWith(end);
}
