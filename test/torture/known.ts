import type { Peer } from './case.ts';

/** A difference between abreast and another client that is as it should be. */
export interface Known {
  /** What is unusual about the answer: names of oddities. */
  readonly marks: readonly string[];
  readonly peers: readonly Peer[];
  /** What abreast does with it: refuses what they take, accepts what they refuse, or takes it for another answer. */
  readonly way: 'refuses' | 'accepts' | 'differs';
  readonly rfc: string;
  readonly says: string;
}

/** All of them. A difference that is not here is a failure, until somebody has read the RFC and put it here or mended it. */
export const KNOWN: readonly Known[] = [];
