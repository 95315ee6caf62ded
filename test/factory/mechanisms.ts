import type { Client, Style } from './clients.ts';
import type { Program } from './program.ts';
import {
  held,
  heldToOne,
  inTurn,
  isIn,
  loopIsBlocked,
  NOTHING,
  type Truth,
  taken,
  unlessUnseen,
} from './truths.ts';

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
  /** What differs in the fast twin; null: there is none. */
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

const AT_ONCE = () => ({ mechanism: 'none' });

const busyLoop = { limits: false, twin: AT_ONCE } as const;

/** All mechanisms; what each looks like is in programs/STYLE.ts. */
export const MECHANISMS: Readonly<Record<string, Mechanism>> = {
  none: { clients: ALL, limits: false, truth: (program) => unlessUnseen(program, NOTHING), twin: null },
  loop: { clients: ALL, limits: false, truth: inTurn, twin: AT_ONCE },
  lock: {
    clients: CODE,
    limits: false,
    // In Node it is a chain of promises.
    truth: (program) => heldToOne(isIn('node', program) ? ['resource-limit'] : ['lock']),
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
    truth: taken,
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
    truth: taken,
    twin: AT_ONCE,
  },
  'bounded-queue': {
    clients: inStyle('threads', 'asyncio', 'gevent', 'ruby'),
    limits: true,
    truth: taken,
    twin: AT_ONCE,
  },
  batch: {
    clients: ALL,
    limits: true,
    delays: (delays, k) => delays.map((ms, index) => (index % k === 0 ? 3 * ms : Math.round(ms / 2))),
    truth: (program) =>
      unlessUnseen(program, {
        overlap: ['partly'],
        step: ['wanted'],
        first: ['batch-barrier'],
      }),
    twin: (program) => ({ mechanism: program.client === 'curl' ? 'pool' : 'queue' }),
  },
  'blocking-call': {
    clients: LOOPS,
    ...busyLoop,
    truth: (program) => {
      if (isIn('gevent', program)) return loopIsBlocked(['green-blocking-wait']);
      if (isIn('asyncio', program)) return loopIsBlocked(['blocking-call']);
      // In Node each child runs when its call is made.
      return { ...loopIsBlocked(['loop-waits-for-child']), step: ['sent', 'wanted'] };
    },
  },
  sleep: {
    clients: LOOPS,
    ...busyLoop,
    twin: null,
    truth: () => loopIsBlocked(['loop-sleeps']),
  },
  compute: {
    clients: LOOPS,
    ...busyLoop,
    twin: null,
    truth: () => ({
      ...loopIsBlocked(['loop-computes', 'answers-not-taken-up']),
      step: ['sent', 'read'],
      // It has three workers.
      beside: ['worker-limit', 'resource-limit'],
    }),
  },
  unread: {
    clients: (client) => client.peek !== undefined,
    limits: false,
    truth: inTurn,
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
      step: ['none', 'answered'],
      first: null,
      beside: ['throttled'],
      says: /429|throttl|Retry-After|refus/i,
    }),
    twin: null,
  },
  pages: {
    clients: CODE,
    limits: false,
    oneOrigin: true,
    alone: true,
    truth: () => ({ overlap: ['serial'], step: ['wanted'], first: null }),
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
    truth: inTurn,
    twin: AT_ONCE,
  },
  'own-limiter': {
    clients: CODE,
    limits: true,
    truth: () => held(['resource-limit']),
    twin: AT_ONCE,
  },
  'own-lock': {
    clients: CODE,
    limits: false,
    // In Ruby it is a queue with one token: a semaphore of one.
    truth: (program) => heldToOne(isIn('ruby', program) ? ['semaphore'] : ['resource-limit', 'lock']),
    twin: AT_ONCE,
  },
  paced: {
    clients: CODE,
    limits: false,
    truth: () => ({
      overlap: ['serial'],
      step: ['wanted', 'dispatched'],
      first: null,
      beside: ['pacing'],
    }),
    twin: null,
  },
  'result-in-loop': {
    clients: inStyle('threads'),
    limits: false,
    truth: () => ({ overlap: ['serial'], step: ['wanted'], first: ['result-in-loop'] }),
    twin: AT_ONCE,
  },
  'server-queues': {
    clients: CODE,
    limits: true,
    oneOrigin: true,
    alone: true,
    conduct: ({ k }) => ({ atATime: k }),
    truth: () => ({
      overlap: ['partly'],
      step: ['answered'],
      first: ['server-queues'],
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
      step: ['answered'],
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
    truth: inTurn,
    twin: null,
  },
  'serves-at-once': {
    clients: inStyle('threads', 'asyncio', 'node'),
    limits: false,
    alone: true,
    serves: { users: 1, rounds: 3 },
    truth: () => NOTHING,
    twin: null,
  },
};
