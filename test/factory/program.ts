import { Random } from '../torture/random.ts';
import { CLIENTS } from './clients.ts';
import { MECHANISMS } from './mechanisms.ts';

/** A program of the factory, before its text: what a seed decides. */
export interface Program {
  readonly seed: number;
  /** A key of MECHANISMS. */
  readonly mechanism: string;
  /** A key of CLIENTS. */
  readonly client: string;
  /** How many requests it is about. */
  readonly n: number;
  /** How many at a time, where the mechanism limits them; else 1. */
  readonly k: number;
  /** What the server takes for each, in milliseconds. */
  readonly delaysMs: readonly number[];
  /** Servers that the requests go to in turn. */
  readonly origins: number;
  /** One request goes before all others. */
  readonly login: boolean;
  /** Which of several texts, where a style has more than one for the mechanism. */
  readonly variant: number;
}

/** Less lost time than this is not worth a word (docs/verdict.md), so a program that is slow loses more. */
const LOST_MS = 600;

/** The program of a seed: always the same one. Mechanisms take turns, the rest is chance. */
export function programOf(seed: number): Program {
  const ids = Object.keys(MECHANISMS);
  const mechanism = ids[seed % ids.length]!;
  const rule = MECHANISMS[mechanism]!;
  const random = new Random(seed, 0);
  const client = random.one(Object.keys(CLIENTS).filter((id) => rule.clients(CLIENTS[id]!)));
  const k = rule.limits ? random.between(2, 3) : 1;
  const n = random.between(Math.max(6, 4 * k - 2), 12);
  const leastMs = rule.limits ? Math.ceil(LOST_MS / (Math.ceil(n / k) - 1)) : Math.ceil(LOST_MS / (n - 1));
  const baseMs = Math.max(leastMs, 10 * random.between(5, 15));
  const isMixed = random.chance(0.4);
  const delaysMs = Array.from({ length: n }, () =>
    isMixed ? Math.round(baseMs * (0.8 + 0.6 * random.next())) : baseMs,
  );
  return {
    seed,
    mechanism,
    client,
    n,
    k,
    delaysMs: rule.delays?.(delaysMs, k) ?? delaysMs,
    origins: rule.oneOrigin !== true && random.chance(0.25) ? 5 : 1,
    login: rule.alone !== true && random.chance(0.25),
    variant: random.below(2),
  };
}

/** The same program with nothing that holds its requests up, or null where it has none. */
export function twinOf(program: Program): Program | null {
  const { twin } = MECHANISMS[program.mechanism]!;
  return twin === null ? null : { ...program, ...twin(program) };
}

/** `seed 7: python aiohttp, semaphore 2, 9 requests`. */
export function nameOf({ seed, mechanism, client, n, k, origins, login, delaysMs }: Program): string {
  const limit = MECHANISMS[mechanism]!.limits ? ` ${k}` : '';
  const ms = `${Math.min(...delaysMs)}-${Math.max(...delaysMs)} ms`;
  const also = `${origins > 1 ? `, ${origins} origins` : ''}${login ? ', after a login' : ''}`;
  return `seed ${seed}: ${client}, ${mechanism}${limit}, ${n} of ${ms}${also}`;
}
