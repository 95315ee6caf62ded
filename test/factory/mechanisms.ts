import type { Client, Style } from './clients.ts';
import type { Program } from './program.ts';

/** What is true of a program of a mechanism, from how it was made. Lists: each is right. */
export interface Truth {
  readonly overlap: readonly string[];
  readonly step: readonly string[];
  /** The ids of causes of which one must be the first that is named; null: none may be. */
  readonly first: readonly string[] | null;
  /** What else may be named beside it, or, where `first` is null, at all. */
  readonly beside?: readonly string[];
  /** It is as right to name no cause. */
  readonly mayBeSilent?: boolean;
  /** What the sentence, a fact or a cause has to say. */
  readonly says?: RegExp;
}

/** What of the server's own conduct a mechanism needs. */
export interface Conduct {
  /** Requests that it works on at a time; the others wait in it. */
  readonly atATime?: number;
  /** Requests that it takes in `windowMs`; the others get 429. */
  readonly most?: number;
  readonly windowMs?: number;
}

export interface Mechanism {
  readonly clients: (client: Client) => boolean;
  /** Has a width k. */
  readonly limits: boolean;
  readonly truth: (program: Program) => Truth;
  /** What differs in the twin that is not held up; null: there is none. */
  readonly twin: ((program: Program) => Partial<Program>) | null;
  readonly conduct?: (program: Program) => Conduct;
  readonly delays?: (delaysMs: readonly number[], k: number) => readonly number[];
  readonly oneOrigin?: true;
  /** No request before the others. */
  readonly alone?: true;
  /** The program takes requests itself, and has to be driven. */
  readonly serves?: { readonly users: number; readonly rounds: number };
}

const inStyle =
  (...styles: readonly Style[]) =>
  (client: Client) =>
    styles.includes(client.style);
const ALL = inStyle('threads', 'asyncio', 'gevent', 'node', 'ruby', 'shell');
const CODE = inStyle('threads', 'asyncio', 'gevent', 'node', 'ruby');
const LOOPS = inStyle('asyncio', 'gevent', 'node');

const NOTHING: Truth = { overlap: ['concurrent'], step: ['none'], first: null };
const AT_ONCE = () => ({ mechanism: 'none' });

/** One after another: by the caller's own loop. */
const IN_TURN: Truth = {
  overlap: ['serial'],
  step: ['wanted'],
  first: ['await-in-loop', 'one-by-one', 'curl-one-by-one', 'one-process-at-a-time'],
};

/** So many at a time of those that are wanted. */
function held(first: readonly string[], more: Partial<Truth> = {}): Truth {
  return { overlap: ['partly'], step: ['dispatched'], first, ...more };
}

/** So many workers take the next when they are done: from a queue that is seen, or from a list that nobody sees. */
function taken(first: readonly string[]): Truth {
  return held(first, { step: ['dispatched', 'wanted'] });
}

/** Where no probe sees what was wanted, 'never more than k' is as much as can be known. */
function unlessUnseen(program: Program, truth: Truth): Truth {
  if (program.client !== 'curl') return truth;
  return {
    ...truth,
    overlap: [...truth.overlap, 'unknown'],
    step: [...truth.step, 'none'],
    mayBeSilent: true,
  };
}

/** The loop stands still while another waits. */
function loopIsBusy(first: readonly string[]): Truth {
  return { overlap: ['serial', 'partly'], step: ['sent', 'read'], first };
}

const busyLoop = { limits: false, twin: AT_ONCE } as const;

/** All mechanisms; what each looks like is in programs/STYLE.ts. */
export const MECHANISMS: Readonly<Record<string, Mechanism>> = {
  none: { clients: ALL, limits: false, truth: (program) => unlessUnseen(program, NOTHING), twin: null },
  loop: { clients: ALL, limits: false, truth: () => IN_TURN, twin: AT_ONCE },
  lock: {
    clients: CODE,
    limits: false,
    truth: () => ({
      overlap: ['serial'],
      step: ['dispatched'],
      first: ['lock', 'semaphore', 'resource-limit'],
    }),
    twin: AT_ONCE,
  },
  semaphore: {
    clients: inStyle('threads', 'asyncio', 'gevent'),
    limits: true,
    truth: () => held(['semaphore']),
    twin: AT_ONCE,
  },
  pool: {
    clients: ALL,
    limits: true,
    truth: (program) =>
      unlessUnseen(program, taken(['worker-limit', 'queue', 'resource-limit', 'semaphore', 'command-limit'])),
    twin: AT_ONCE,
  },
  connections: {
    clients: (client) => client.limited !== undefined,
    limits: true,
    oneOrigin: true,
    truth: () => held(['connection-limit']),
    twin: AT_ONCE,
  },
  queue: {
    clients: CODE,
    limits: true,
    truth: () => taken(['worker-limit', 'queue', 'resource-limit']),
    twin: AT_ONCE,
  },
  'bounded-queue': {
    clients: inStyle('threads', 'asyncio', 'gevent', 'ruby'),
    limits: true,
    truth: () => held(['worker-limit', 'queue', 'resource-limit']),
    twin: AT_ONCE,
  },
  batch: {
    clients: ALL,
    limits: true,
    delays: (delays, k) => delays.map((ms, index) => (index % k === 0 ? 3 * ms : Math.round(ms / 2))),
    truth: (program) =>
      unlessUnseen(program, {
        overlap: ['partly', 'serial'],
        step: ['wanted', 'dispatched'],
        first: ['batch-barrier', 'batch', 'barrier', 'await-in-loop'],
        says: /batch|chunk|barrier|slowest|rounds?\b|at most \d|never more than/i,
      }),
    twin: (program) => ({ mechanism: program.client === 'curl' ? 'pool' : 'queue' }),
  },
  'blocking-call': {
    clients: LOOPS,
    ...busyLoop,
    truth: () => ({
      ...loopIsBusy([
        'blocking-call',
        'loop-waits-for-child',
        'green-blocking-wait',
        'gevent-blocking-wait',
        'late-patch',
      ]),
      // In Node each call runs when it is made.
      step: ['sent', 'read', 'wanted'],
    }),
  },
  sleep: {
    clients: LOOPS,
    ...busyLoop,
    twin: null,
    truth: () => ({
      ...loopIsBusy(['loop-sleeps', 'blocking-call', 'green-blocking-wait', 'gevent-blocking-wait']),
      overlap: ['serial', 'partly', 'concurrent'],
    }),
  },
  compute: {
    clients: LOOPS,
    ...busyLoop,
    twin: null,
    truth: () => ({
      ...loopIsBusy(['loop-computes', 'answers-not-taken-up']),
      beside: ['worker-limit', 'queue', 'resource-limit'],
    }),
  },
  unread: {
    clients: (client) => client.peek !== undefined,
    limits: false,
    truth: () => IN_TURN,
    twin: AT_ONCE,
    alone: true,
  },
  throttle: {
    clients: inStyle('threads', 'asyncio', 'node'),
    limits: true,
    oneOrigin: true,
    alone: true,
    conduct: ({ k }) => ({ most: 2 * k, windowMs: 500 }),
    truth: () => ({
      overlap: ['concurrent', 'partly'],
      step: ['none', 'answered', 'wanted', 'dispatched'],
      first: null,
      beside: ['throttled', 'throttled-by-server', 'throttling', 'rate-limit', 'retry-sleep', 'back-off'],
      says: /429|throttl|Retry-After|refus/i,
    }),
    twin: null,
  },
  pages: {
    clients: CODE,
    limits: false,
    oneOrigin: true,
    alone: true,
    truth: () => ({
      overlap: ['serial', 'concurrent'],
      step: ['none', 'wanted'],
      first: null,
      beside: ['dependent', 'dependency', 'depends'],
    }),
    twin: null,
  },
  beside: {
    clients: CODE,
    limits: false,
    delays: (delays) => delays.map((ms) => 5 * ms),
    truth: () => NOTHING,
    twin: null,
  },
  'beside-semaphore': {
    clients: inStyle('threads', 'asyncio', 'gevent'),
    limits: true,
    truth: () => held(['semaphore']),
    twin: () => ({ mechanism: 'beside' }),
  },
  'burst-after': {
    clients: CODE,
    limits: false,
    alone: true,
    truth: () => ({
      overlap: ['serial', 'partly'],
      step: ['wanted'],
      first: ['await-in-loop', 'one-by-one'],
    }),
    twin: AT_ONCE,
  },
  'own-limiter': {
    clients: CODE,
    limits: true,
    truth: () => held(['resource-limit', 'semaphore', 'queue']),
    twin: AT_ONCE,
  },
  'own-lock': {
    clients: CODE,
    limits: false,
    truth: () => ({
      overlap: ['serial'],
      step: ['dispatched'],
      first: ['resource-limit', 'lock', 'semaphore', 'queue'],
    }),
    twin: AT_ONCE,
  },
  paced: {
    clients: CODE,
    limits: false,
    truth: () => ({
      overlap: ['serial', 'partly', 'concurrent', 'unknown'],
      step: ['none', 'wanted', 'dispatched'],
      first: null,
      beside: ['pacing', 'rate-limit'],
    }),
    twin: null,
  },
  'result-in-loop': {
    clients: inStyle('threads'),
    limits: false,
    truth: () => ({ overlap: ['serial'], step: ['wanted'], first: ['result-in-loop', 'await-in-loop'] }),
    twin: AT_ONCE,
  },
  'server-queues': {
    clients: CODE,
    limits: true,
    oneOrigin: true,
    alone: true,
    conduct: ({ k }) => ({ atATime: k }),
    truth: () => ({
      overlap: ['partly', 'serial'],
      step: ['answered'],
      first: ['server-queues', 'proxy-queues'],
      mayBeSilent: true,
    }),
    twin: AT_ONCE,
  },
  timeouts: {
    clients: CODE,
    limits: false,
    alone: true,
    delays: (delays) => delays.map((ms, index) => (index < 2 ? ms : 5000)),
    truth: () => ({
      overlap: ['concurrent'],
      step: ['none'],
      first: null,
      says: /failed|timed out|\d+ of \d+ were not answered/i,
    }),
    twin: null,
  },
  'serves-in-turn': {
    clients: inStyle('threads', 'asyncio', 'node'),
    limits: false,
    alone: true,
    serves: { users: 3, rounds: 2 },
    truth: () => ({
      overlap: ['serial', 'partly'],
      step: ['wanted'],
      first: ['await-in-loop', 'one-by-one'],
    }),
    twin: null,
  },
  'serves-at-once': {
    clients: inStyle('threads', 'asyncio', 'node'),
    limits: false,
    alone: true,
    serves: { users: 1, rounds: 3 },
    truth: () => ({ ...NOTHING, overlap: ['concurrent'] }),
    twin: null,
  },
};
