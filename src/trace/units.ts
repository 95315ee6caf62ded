/** Units of work, what they wait for, and what they hold. */

export const UNIT_TYPES = [
  'thread',
  'task',
  'greenlet',
  'executor-item',
  'queue-item',
  'goroutine',
  'callback',
  'process',
  'served-request',
] as const;
export type UnitType = (typeof UNIT_TYPES)[number];

/**
 * A unit of work that a program hands over to run concurrently. Main threads, the workers of a pool and
 * continuations (`await`, `then`) are none: their work belongs to the unit that they go on with.
 */
export interface Unit {
  readonly kind: 'unit';
  readonly id: number;
  readonly pid: number;
  readonly type: UnitType;
  /** The unit that made it. */
  readonly parent?: number;
  readonly madeUs?: number;
  /** null: it did not begin. */
  readonly begunUs?: number | null;
  readonly endedUs?: number | null;
  /** Where it was made: a Stack's id. */
  readonly madeAt?: number;
  /** Of a `served-request`: the method and the route (or the path) that was asked of this program. */
  readonly method?: string;
  readonly route?: string;
}

export const RESOURCE_TYPES = [
  'lock',
  'semaphore',
  'queue',
  'executor',
  'connection-pool',
  'connection',
  'streams',
  'loop',
  'gil',
  'cpu',
  'name-threads',
  'rate',
  'file-lock',
  'database',
  'server',
  'other',
] as const;
export type ResourceType = (typeof RESOURCE_TYPES)[number];

/** Something with a capacity, that units of work wait for. */
export interface Resource {
  readonly kind: 'resource';
  readonly id: number;
  readonly pid?: number;
  readonly type: ResourceType;
  /** Its class or name: 'asyncio.Semaphore'. */
  readonly name?: string;
  /** null: it has one that is not known. */
  readonly capacity?: number | null;
  /** Where it was made: a Stack's id. */
  readonly setAt?: number;
  /** The package that it comes from. */
  readonly package?: string;
}

/** A unit of work had a resource. */
export interface Hold {
  readonly kind: 'hold';
  readonly resource: number;
  readonly unit?: number;
  readonly fromUs: number;
  /** null: it never gave it back. */
  readonly toUs: number | null;
}

/** A thread, or a unit of work, waited or computed. */
export interface Block {
  readonly kind: 'block';
  readonly pid: number;
  /** Absent where a unit waits that no thread works on. */
  readonly thread?: number;
  readonly unit?: number;
  readonly fromUs: number;
  readonly toUs: number;
  readonly wait: Wait;
  readonly stack?: number;
  /** How many samples stand for it, where it was sampled. */
  readonly samples?: number;
}

/** What a wait is for. A recorder writes the kind that it knows, else `other`: the call and the stack may tell more. */
export const WAIT_KINDS = [
  'lock',
  'semaphore',
  'queue',
  'executor',
  'connection-pool',
  'rate',
  'join',
  'sleep',
  'cpu',
  'run-queue',
  'child',
  'name',
  'connect',
  'handshake',
  'read',
  'write',
  'poll',
  'file',
  'database',
  'other',
] as const;
export type WaitKind = (typeof WAIT_KINDS)[number];

export interface Wait {
  readonly kind: WaitKind;
  /** The call that waits: 'epoll_wait', 'futex', 'getaddrinfo', 'await'. */
  readonly call: string;
  /** What is waited for, as far as it is known. */
  readonly connections?: readonly number[];
  /** How many file descriptors are waited for at once. */
  readonly descriptors?: number;
  readonly resource?: number;
  readonly unit?: number;
}
