import type { Environment } from './environment.ts';
import type { Block, Hold, Resource, Unit } from './units.ts';

export * from './environment.ts';
export * from './units.ts';

/**
 * What a trace is made of: JSON Lines, one record a line, `run` first and `end` last. A file without `end` was
 * cut short and is still readable.
 *
 * Times are integer microseconds since `RunHeader.startedUs`; their names end in `Us`. A field that a recorder cannot
 * see is absent; null means it could see, and it did not happen; 0 is never 'unknown'. Ids are unique among the
 * records of their kind in one trace.
 */
export type TraceRecord =
  | RunHeader
  | Process
  | Unit
  | Connection
  | ConnectionClosed
  | Exchange
  | Stack
  | Resource
  | Hold
  | Ready
  | Block
  | Environment
  | Note
  | End;

/** What a record is of. */
export type RecordKind = TraceRecord['kind'];

/** The version that is written. See reader.ts for those that are read. */
export const TRACE_VERSION = 2;

/** The first line: who recorded what, and where. */
export interface RunHeader {
  readonly kind: 'run';
  readonly version: number;
  /** Unix epoch, microseconds: the zero of all other times. */
  readonly startedUs: number;
  /** The command as it was typed, secrets replaced. */
  readonly command: readonly string[];
  readonly recorders: readonly Recorder[];
  readonly host?: Host;
  /** How many the program wants at once: declared by `--wanted`, or the limit of `get`. */
  readonly wanted?: number;
}

/** A recorder, and what it is able to see: names of record kinds and of fields. */
export interface Recorder {
  readonly name: string;
  readonly version: string;
  readonly sees: readonly string[];
  /** What it could not see this time, and how to allow it. */
  readonly missed?: string;
}

export interface Host {
  readonly os: string;
  readonly kernel?: string;
  readonly cpus: number;
}

export interface Process {
  readonly kind: 'process';
  readonly pid: number;
  readonly parent?: number;
  /** The process group that it began in. */
  readonly group?: number;
  readonly startedUs?: number;
  /** null: it outlived the recording. */
  readonly endedUs?: number | null;
  readonly argv?: readonly string[];
  /** null: a signal ended it, or nothing did. */
  readonly exitCode?: number | null;
  /** CPU time of all its threads. */
  readonly cpuUs?: number;
  /** How long its threads were ready to run and waited for a CPU, in all (/proc/PID/schedstat). */
  readonly runQueueUs?: number;
  /** How long its control group was held back by a CPU quota (cpu.stat, throttled_usec). */
  readonly throttledUs?: number;
}

/** Application protocol of a connection; `opaque` if its bytes can't be parsed. */
export const PROTOCOLS = ['http/1.1', 'h2', 'opaque'] as const;
export type Protocol = (typeof PROTOCOLS)[number];

/** A connection, written when it is open. */
export interface Connection {
  readonly kind: 'connection';
  readonly id: number;
  readonly pid?: number;
  /** The kernel's thread id. */
  readonly thread?: number;
  readonly origin: string;
  /** 'address:port', IPv6 in brackets; 'unix:PATH'. */
  readonly local?: string;
  readonly remote?: string;
  readonly dnsFromUs?: number | null;
  readonly dnsToUs?: number | null;
  /** How many names were looked up, one after the other, up to its own: the resolver's search list. */
  readonly dnsNames?: number;
  readonly connectingUs?: number;
  readonly connectedUs?: number | null;
  readonly tlsStartUs?: number | null;
  readonly tlsDoneUs?: number | null;
  readonly tlsVersion?: string | null;
  readonly protocol?: Protocol;
  /** The class of the program's socket object: 'ssl.SSLSocket', 'urllib3.contrib.pyopenssl.WrappedSocket'. */
  readonly socketClass?: string;
}

export interface ConnectionClosed {
  readonly kind: 'connectionClosed';
  readonly id: number;
  readonly atUs: number;
}

/** Why an exchange was made. */
export const BECAUSE = ['first', 'retry', 'redirect', 'challenge', 'page'] as const;
export type Because = (typeof BECAUSE)[number];

/**
 * One request on the wire. Its steps, each at or after the one before it:
 * wanted (the program wanted it), called (into the HTTP library), dispatched (it now waits for nothing but the opening
 * of its connection), connected (its connection can carry it), sent (the first byte of the request
 * given to the kernel), answered (the first byte of the answer was read), read (the last one).
 * One that never passes a step counts at the steps before it until `failedUs`, or the end of the run.
 */
export interface Exchange {
  readonly kind: 'exchange';
  readonly id: number;
  /** What the program wanted: shared by an exchange, its retries and its redirects. */
  readonly request?: number;
  /** From 1. */
  readonly attempt?: number;
  readonly because?: Because;
  readonly pid?: number;
  readonly thread?: number;
  /** The unit of work that it belongs to. */
  readonly unit?: number;
  /** null: it never got one. */
  readonly connection?: number | null;
  /** Place on its connection, from 0. */
  readonly ordinal?: number | null;
  readonly method?: string;
  /** 'scheme://host:port', the port left out where it is the scheme's own. */
  readonly origin: string;
  readonly url?: string;
  readonly wantedUs?: number | null;
  readonly calledUs?: number | null;
  readonly dispatchedUs?: number | null;
  readonly connectedUs?: number | null;
  readonly sentUs?: number | null;
  readonly answeredUs?: number | null;
  readonly readUs?: number | null;
  /** When it was given up; without `error`, it was under way when its process ended. */
  readonly failedUs?: number;
  readonly status?: number | null;
  readonly bytesUp?: number;
  readonly bytesDown?: number;
  /** A stable code where the recorder has one (`timeout-connect`), else the name of the program's own error. */
  readonly error?: string | null;
  /** Where in the program it was asked: a Stack's id. */
  readonly stack?: number;
  /** Names of the fields that were inferred, not seen. */
  readonly estimated?: readonly string[];
  /**
   * Exchanges whose answers held a part of this URL (a path segment, a query value, a cursor): [] where the recorder
   * looked and there was none, absent where it did not look.
   */
  readonly from?: readonly number[];
  /** The program never read the body to its end: it closed it, or left it unread. */
  readonly unread?: boolean;
  /** The answer's `Retry-After`, in seconds from its arrival. */
  readonly retryAfterSeconds?: number;
}

/** A stack of the program, leaf first: one record for each different stack. */
export interface Stack {
  readonly kind: 'stack';
  readonly id: number;
  readonly frames: readonly Frame[];
}

export interface Frame {
  readonly function?: string;
  readonly file: string;
  /** From 1. */
  readonly line: number;
  /** The class of `self`, where there is one. */
  readonly self?: string;
}

/** The kernel had data for the program that it had not read. */
export interface Ready {
  readonly kind: 'ready';
  readonly connection: number;
  readonly atUs: number;
  readonly what: 'writable' | 'readable' | 'closed';
}

/** A recorder's own trouble. */
export interface Note {
  readonly kind: 'note';
  readonly atUs: number;
  readonly text: string;
}

/** The last line. */
export interface End {
  readonly kind: 'end';
  readonly endedUs: number;
  readonly exitCode?: number | null;
  readonly lost: Lost;
  /** Pairs of a time of this trace and the Unix time then, in microseconds: a clock may be set meanwhile. */
  readonly clocks?: readonly (readonly [number, number])[];
}

/** What the recorders know they missed. */
export interface Lost {
  readonly dropped?: number;
  readonly truncated?: number;
  readonly notUnderstood?: number;
  /** Times moved by up to 2 ms, so that the steps of an exchange stand in order. */
  readonly clamped?: number;
  /** Exchanges whose end only the system calls saw: that end is used. */
  readonly endsUnseen?: number;
}
