import type { Arena } from './arena/arena.ts';
import { blame, type Finding } from './blame.ts';
import { type Case, idOf, type Opinion, type Outcome, type Peer } from './case.ts';
import type { SecondOpinions } from './clients/second-opinions.ts';
import type { Question } from './clients/undici.ts';
import { compare, type Disagreement } from './compare.ts';
import type { Player } from './player.ts';

type Outcomes = ReadonlyMap<string, readonly Outcome[]>;
type Opinions = Readonly<Record<Peer, ReadonlyMap<string, Opinion>>>;

/** What came of one round of cases; outcomes and opinions by idOf() a request. */
export interface Round {
  readonly cases: readonly Case[];
  readonly outcomes: Outcomes;
  readonly opinions: Opinions;
  readonly findings: readonly Finding[];
  readonly disagreements: readonly Disagreement[];
  readonly peakMb: number;
}

/** Plays rounds of cases to all clients, and holds what came of it against what may come of it. */
export class Rounds {
  readonly #arena: Arena;
  readonly #player: Player;
  readonly #others: SecondOpinions;

  constructor(arena: Arena, player: Player, others: SecondOpinions) {
    this.#arena = arena;
    this.#player = player;
    this.#others = others;
  }

  async play(cases: readonly Case[]): Promise<Round> {
    const [account, undici, curl] = await Promise.all([
      this.#player.play([cases]),
      this.#others.ask('undici', questions(cases, 'undici')),
      this.#others.ask('curl', questions(cases, 'curl')),
    ]);
    const { outcomes, peakMb } = account;
    const leftOpen = await this.#player.leftOpen(account);
    const findings = await blame(this.#player, cases, account, leftOpen);
    const opinions = { undici, curl };
    const disagreements = await this.#confirmed(differences(cases, outcomes, opinions), outcomes);
    return { cases, outcomes, opinions, findings, disagreements, peakMb };
  }

  /** Where nobody has said why clients differ, the other one is asked again alone: it may have been short of time. */
  async #confirmed(all: readonly Disagreement[], outcomes: Outcomes): Promise<Disagreement[]> {
    const confirmed: Disagreement[] = [];
    for (const one of all) {
      const still = one.known === null ? await this.#askedAgain(one, outcomes) : one;
      if (still !== null) confirmed.push(still);
    }
    return confirmed;
  }

  async #askedAgain(
    { case: one, ask, peer }: Disagreement,
    outcomes: Outcomes,
  ): Promise<Disagreement | null> {
    this.#arena.stage([one]);
    const id = idOf(one, ask);
    const theirs = (await this.#others.ask(peer, questions([one], peer))).get(id);
    return theirs === undefined ? null : compare(one, ask, outcomes.get(id)![0]!, peer, theirs);
  }
}

function differences(cases: readonly Case[], outcomes: Outcomes, opinions: Opinions): Disagreement[] {
  return cases.flatMap((one) =>
    one.asks.flatMap(({ peers }, ask) =>
      peers.flatMap((peer) => {
        const [ours] = outcomes.get(idOf(one, ask)) ?? [];
        const theirs = opinions[peer].get(idOf(one, ask));
        return (ours && theirs && compare(one, ask, ours, peer, theirs)) ?? [];
      }),
    ),
  );
}

function questions(cases: readonly Case[], peer: Peer): Question[] {
  return cases.flatMap((one) =>
    one.asks.flatMap(({ peers, peerUrl }, i): Question[] =>
      peers.includes(peer) ? [{ id: idOf(one, i), url: peerUrl, how: howOf(one.kind) }] : [],
    ),
  );
}

function howOf(kind: string): Question['how'] {
  if (kind.startsWith('http2')) return 'h2';
  return /coding|redirect/.test(kind) ? 'fetch' : 'request';
}
