import type { Cause, Observation, Verdict } from '../../diagnose/index.ts';

/** A change that is made from outside, for one run: nothing of the program or its environment is changed on disk. */
export interface Plan {
  /** The file of fixes/ that made it. */
  readonly fix: string;
  /** The cause that it is for. */
  readonly cause: string;
  /** What is done, as a sentence. */
  readonly text: string;
  /** What it means for others, as a sentence; null where the program asks for no more than it meant to. */
  readonly load: string | null;
  /** What the probes are told: the name of each change, and its arguments. Each notes when it took effect. */
  readonly changes: readonly (readonly string[])[];
  /** Variables of the program. */
  readonly variables: Readonly<Record<string, string>>;
}

/** A kind of change: the causes that it is for, and what it would change in a program that has one of them. */
export interface Fix {
  readonly id: string;
  readonly plan: (cause: Cause, verdict: Verdict) => Omit<Plan, 'fix' | 'cause'> | undefined;
}

type Seen<Kind extends Observation['kind']> = Extract<Observation, { kind: Kind }>;

/** The observations of a kind among a cause's evidence. */
export function seen<Kind extends Observation['kind']>({ evidence }: Cause, kind: Kind): Seen<Kind>[] {
  return evidence.filter((one): one is Seen<Kind> => one.kind === kind);
}

/** No limit is raised further: a program may want millions. */
const MOST = 1000;

/** How many are let through at once: as many as the program wanted. */
export function enoughFor({ wanted, requests }: Verdict): number {
  return Math.min(MOST, wanted ?? requests);
}
