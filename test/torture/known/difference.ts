import type { Peer } from '../case.ts';

/** A difference between abreast and other clients that is as it should be. */
export interface Known {
  /** What is unusual about the answer: names of oddities; `*` is any text. */
  readonly marks: readonly string[];
  readonly peers: readonly Peer[];
  /** What abreast does: it refuses what they take, takes what they refuse, or gives another answer. */
  readonly way: 'refuses' | 'accepts' | 'differs';
  readonly rfc: string;
  readonly says: string;
}

export const BOTH: readonly Peer[] = ['undici', 'curl'];
