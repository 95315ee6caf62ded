import type { Ports } from './arena/place.ts';
import type { Peer, Profile, Scene, Step, Truth } from './case.ts';

/** Where a case will be played. */
export interface Place {
  readonly number: number;
  readonly ports: Ports;
}

/** One request of a plan. */
export interface PlannedAsk {
  readonly scheme?: 'http' | 'https';
  /** 'own': nobody else asks there; 'shared': answers of many cases follow each other; else a host name. */
  readonly host: 'own' | 'shared' | { readonly name: string };
  readonly port?: 'closed' | 'silent' | 'proxy' | 'plain' | 'tls';
  /** Behind the path that tells the case. */
  readonly rest?: string;
  readonly profile?: Profile;
  readonly truth: Truth | 'anything';
  readonly peers: readonly Peer[];
  readonly headers?: Readonly<Record<string, string>>;
}

/** A case, before it has a number and an address. */
export interface Plan {
  readonly marks: readonly string[];
  readonly asks: readonly PlannedAsk[];
  readonly scene: Scene;
}

/** One request over HTTP/1.1, and the answer to it. */
export function single({
  marks,
  steps,
  ...ask
}: PlannedAsk & { readonly marks: readonly string[]; readonly steps: readonly Step[] }): Plan {
  return { marks, asks: [ask], scene: { http1: () => steps } };
}
