import type { CauseId, Overlap, Step } from '../../src/diagnose/index.ts';
import { CLIENTS, type Style } from './clients.ts';
import type { Program } from './program.ts';

/** What is true of a program of a mechanism, from how it was made. Lists: each is right. */
export interface Truth {
  readonly overlap: readonly Overlap[];
  readonly step: readonly (Step | 'none')[];
  /** Causes of which one must be the first that is named; null: none may be. */
  readonly first: readonly CauseId[] | null;
  /** What else may be named beside it, or, where `first` is null, at all. */
  readonly beside?: readonly CauseId[];
  /** It is as right to name no cause. */
  readonly mayBeSilent?: boolean;
  /** What the sentence, a fact or a cause has to say. */
  readonly says?: RegExp;
}

/** Nothing is wrong. */
export const NOTHING: Truth = { overlap: ['concurrent'], step: ['none'], first: null };

/** Whether the units of a program wait in this way. */
export function isIn(style: Style, { client }: Program): boolean {
  return CLIENTS[client]!.style === style;
}

/** One after another: by the caller's own loop, of which no recorder sees the lines where it is a shell's. */
export function inTurn(program: Program): Truth {
  return {
    overlap: ['serial'],
    step: ['wanted'],
    first: isIn('shell', program)
      ? ['curl-one-by-one', 'one-process-at-a-time', 'one-by-one']
      : ['await-in-loop'],
  };
}

/** So many at a time of those that are wanted. */
export function held(first: readonly CauseId[]): Truth {
  return { overlap: ['partly'], step: ['dispatched'], first };
}

/** One at a time of those that are wanted. */
export function heldToOne(first: readonly CauseId[]): Truth {
  return { overlap: ['serial'], step: ['dispatched'], first };
}

/** So many workers take the next when they are done: from a queue that is seen, or from a list of Node that is not. */
export function taken(program: Program): Truth {
  if (isIn('shell', program)) return unlessUnseen(program, held(['command-limit']));
  const first: readonly CauseId[] = ['worker-limit', 'resource-limit'];
  return isIn('node', program) ? { ...held(first), step: ['dispatched', 'wanted'] } : held(first);
}

/** The loop is blocked while requests wait. */
export function loopIsBlocked(first: readonly CauseId[]): Truth {
  return { overlap: ['serial', 'partly'], step: ['sent'], first };
}

/** If no probe sees what was wanted, 'never more than k' is as much as can be known. */
export function unlessUnseen(program: Program, truth: Truth): Truth {
  if (!isIn('shell', program)) return truth;
  return {
    ...truth,
    overlap: [...truth.overlap, 'unknown'],
    step: [...truth.step, 'none'],
    mayBeSilent: true,
  };
}
