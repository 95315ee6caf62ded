import type { Finding } from './blame.ts';
import { type Case, idOf, type Outcome, type Peer } from './case.ts';
import type { Disagreement } from './compare.ts';
import type { Round } from './rounds.ts';

const PEERS: readonly Peer[] = ['undici', 'curl'];

/** What came of all rounds. */
export class Tally {
  cases = 0;
  requests = 0;
  peakMb = 0;
  /** What is wrong. */
  readonly faults: Finding[] = [];
  readonly disagreements: Disagreement[] = [];
  /** How often another client was compared with. */
  readonly compared: Record<Peer, number> = { undici: 0, curl: 0 };
  /** By kind of case: how many of each outcome. */
  readonly outcomes = new Map<string, Map<string, number>>();
  /** By kind of case. */
  readonly kinds = new Map<string, number>();

  add({ cases, outcomes, opinions, findings, disagreements, peakMb }: Round): void {
    this.cases += cases.length;
    this.peakMb = Math.max(this.peakMb, peakMb);
    this.faults.push(...findings);
    this.disagreements.push(...disagreements);
    for (const one of cases) {
      increment(this.kinds, one.kind);
      for (const ask of one.asks.keys()) this.#result(one, ask, outcomes.get(idOf(one, ask))?.[0], opinions);
    }
  }

  /** Differences that nobody has explained. */
  get unexplained(): readonly Disagreement[] {
    return this.disagreements.filter(({ known }) => known === null);
  }

  #result(one: Case, ask: number, ours: Outcome | undefined, opinions: Round['opinions']): void {
    this.requests++;
    if (ours === undefined) return;
    const counts = this.outcomes.get(one.kind) ?? new Map<string, number>();
    this.outcomes.set(one.kind, counts);
    increment(counts, ours.error?.code ?? 'answer');
    for (const peer of PEERS) {
      if (opinions[peer].has(idOf(one, ask))) this.compared[peer]++;
    }
  }
}

function increment(counts: Map<string, number>, key: string): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}
