import { type Case, idOf } from './case.ts';
import type { Account } from './clients/tortured.ts';
import { type Fault, faultOf } from './judge.ts';
import type { Player } from './player.ts';

/** What a case was found to do. */
export interface Finding {
  readonly case: Case;
  /** Which of its requests; null when it is about all of them. */
  readonly ask: number | null;
  readonly kind: Fault['kind'] | 'hung' | 'crashed' | 'left open';
  readonly text: string;
}

/** Cases that are found in one round for one fault of the process; further ones are in later rounds, too. */
const MOST_CULPRITS = 3;

/** Finds the cases that are to blame for what came of a round: what was wrong is tried again with fewer of them. */
export async function blame(
  player: Player,
  cases: readonly Case[],
  account: Account,
  leftOpen: string | null,
): Promise<readonly Finding[]> {
  if (account.crash !== null) return culprits(player, cases, 'crashed', account.crash);
  return [
    ...(leftOpen === null ? [] : await culprits(player, cases, 'left open', leftOpen)),
    ...(await wrongOnes(player, cases, account)),
  ];
}

/** Each is tried again in a run of its own, so that it is known whose fault it is, and no busy machine's. */
async function wrongOnes(player: Player, cases: readonly Case[], account: Account): Promise<Finding[]> {
  const suspects = cases.filter((one) => faults(one, account).length > 0);
  if (suspects.length === 0) return [];
  const again = await player.play(suspects.map((one) => [one]));
  if (again.crash !== null) return culprits(player, suspects, 'crashed', again.crash);
  return suspects.flatMap((one): Finding[] => {
    const confirmed = faults(one, again);
    if (confirmed.length > 0) return confirmed.map((fault) => finding(one, fault, again));
    const first = faults(one, account)[0]!;
    // That it was slow once says nothing: others use the machine, too.
    if (first.fault.kind === 'late') return [];
    const { text, ...rest } = finding(one, first, account);
    return [{ ...rest, text: `${text} (among others; not when it was alone)` }];
  });
}

function faults(one: Case, { outcomes }: Account): { ask: number; fault: Fault }[] {
  return one.asks.flatMap((ask, i) => {
    const fault = faultOf(ask, outcomes.get(idOf(one, i)) ?? []);
    return fault === null ? [] : [{ ask: i, fault }];
  });
}

function finding(one: Case, { ask, fault }: { ask: number; fault: Fault }, { hung }: Account): Finding {
  return { case: one, ask, kind: fault.kind === 'lost' && hung ? 'hung' : fault.kind, text: fault.text };
}

/** Halves the cases until those are alone that do it. */
async function culprits(
  player: Player,
  cases: readonly Case[],
  kind: 'crashed' | 'left open',
  words: string,
): Promise<Finding[]> {
  const found: Finding[] = [];
  const narrow = async (some: readonly Case[]): Promise<void> => {
    if (found.length >= MOST_CULPRITS) return;
    const account = await player.play([some]);
    const leftOpen = await player.leftOpen(account);
    const text = kind === 'crashed' ? account.crash : leftOpen;
    if (text === null) return;
    if (some.length === 1) {
      found.push({ case: some[0]!, ask: null, kind, text });
      return;
    }
    const half = Math.ceil(some.length / 2);
    await narrow(some.slice(0, half));
    await narrow(some.slice(half));
  };
  await narrow(cases);
  if (found.length > 0) return found;
  const text = `${words} (once, with cases up to ${cases.at(-1)!.number})`;
  return [{ case: cases[0]!, ask: null, kind, text }];
}
