/**
 * What a trace is made of: JSON Lines, one record a line, `run` first and `end` last. A file without `end` was
 * cut short and is still readable.
 *
 * Times are integer microseconds since `Run.startedUs`; their names end in `Us`. A field that a recorder cannot
 * see is absent; null means it could see, and it did not happen; 0 is never 'unknown'. Ids are unique among the
 * records of their kind in one trace.
 */
export type TraceRecord =
  | Run
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

/** The version that is written. See reader.ts for those that are read. */
export const TRACE_VERSION = 2;

/** The first line: who recorded what, and where. */
export interface Run {
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
}

export type UnitType =
  | 'thread'
  | 'task'
  | 'greenlet'
  | 'executor-item'
  | 'queue-item'
  | 'goroutine'
  | 'callback'
  | 'process'
  | 'served-request';

/**
 * A unit of work: what a program hands over to be done beside other work. Main threads, the workers of a pool and
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
  /** null: nobody began it. */
  readonly begunUs?: number | null;
  readonly endedUs?: number | null;
  /** Where it was made: a Stack's id. */
  readonly madeAt?: number;
}

/** Application protocol of a connection; `opaque` where its bytes can't be told apart. */
export type Protocol = 'http/1.1' | 'h2' | 'opaque';

/** A connection, written when it stands. */
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
export type Because = 'first' | 'retry' | 'redirect' | 'page';

/**
 * One request on the wire. Its steps, each at or after the one before it:
 * wanted (the program wanted it), called (into the HTTP library), dispatched (nothing but the connection's opening
 * stands between it and the wire), connected (its connection can carry it), sent (the first byte of the request
 * given to the kernel), answered (the first byte of the answer taken up), read (the last one).
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
  /** When it was given up; only with `error`. */
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

/** The kernel had something for the program that it had not taken up. */
export interface Ready {
  readonly kind: 'ready';
  readonly connection: number;
  readonly atUs: number;
  readonly what: 'writable' | 'readable' | 'closed';
}

export type ResourceType =
  | 'lock'
  | 'semaphore'
  | 'queue'
  | 'executor'
  | 'connection-pool'
  | 'connection'
  | 'streams'
  | 'loop'
  | 'gil'
  | 'cpu'
  | 'name-threads'
  | 'rate'
  | 'file-lock'
  | 'database'
  | 'server'
  | 'other';

/** Something with a capacity, that units of work wait for. */
export interface Resource {
  readonly kind: 'resource';
  readonly id: number;
  readonly pid?: number;
  readonly type: ResourceType;
  /** Its class or name: 'asyncio.Semaphore'. */
  readonly name?: string;
  /** null: it has one, and nobody knows it. */
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
export type WaitKind =
  | 'lock'
  | 'semaphore'
  | 'queue'
  | 'executor'
  | 'connection-pool'
  | 'rate'
  | 'join'
  | 'sleep'
  | 'cpu'
  | 'run-queue'
  | 'child'
  | 'name'
  | 'connect'
  | 'handshake'
  | 'read'
  | 'write'
  | 'poll'
  | 'file'
  | 'database'
  | 'other';

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

/** What a process was made of. */
export interface Environment {
  readonly kind: 'environment';
  readonly pid: number;
  readonly language: string;
  readonly version: string;
  readonly modules?: readonly Module[];
  readonly patches?: readonly Patch[];
  readonly limits?: readonly Limit[];
}

export interface Module {
  readonly name: string;
  readonly version?: string;
  /** The folder that it was loaded from. */
  readonly where?: string;
}

/** A package that puts something of its own in another's place at run time, or leaves there what it could replace. */
export interface Patch {
  /** What it is about: 'socket', 'socket.getaddrinfo', 'urllib3.connection.ssl_wrap_socket'. */
  readonly target: string;
  /** The package that does it: 'gevent', 'pyOpenSSL'. */
  readonly by: string;
  readonly version?: string;
  /** What stands there now; null: nothing was replaced. Absent where it is many things. */
  readonly replacement?: string | null;
  /** What it left as it was: 'select.poll'. */
  readonly left?: readonly string[];
  /** Who still holds what was there before, because they took it earlier: 'urllib3.util.ssl_.SSLContext'. */
  readonly heldBy?: readonly string[];
  /** 'file:line' of the import or the call that did it. */
  readonly at?: string;
}

export type LimitKind =
  | 'connections'
  | 'connections-per-host'
  | 'workers'
  | 'permits'
  | 'rate'
  | 'streams'
  | 'pipelining'
  | 'keep-alive'
  | 'name-threads'
  | 'open-files'
  | 'other';

/** How much of something a program may have at once. */
export interface Limit {
  readonly kind: LimitKind;
  readonly size: number;
  /** What sets it, by its own name: 'http.Agent maxSockets', 'ThreadPoolExecutor max_workers'. */
  readonly of: string;
  /** false: beyond it nobody waits (urllib3's pool drops connections instead). */
  readonly blocks?: boolean;
  /** Where it was set: 'file:line', or whose default it is. */
  readonly setAt?: string;
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
}
