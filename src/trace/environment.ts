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
  /** What is there now; null: nothing was replaced. Absent if there are several. */
  readonly replacement?: string | null;
  /** What it left as it was: 'select.poll'. */
  readonly left?: readonly string[];
  /** Names that still refer to the original, because they were bound before the patch: 'urllib3.util.ssl_.SSLContext'. */
  readonly heldBy?: readonly string[];
  /** 'file:line' of the import or the call that did it. */
  readonly at?: string;
}

export const LIMIT_KINDS = [
  'connections',
  'connections-per-host',
  'workers',
  'permits',
  'rate',
  'streams',
  'pipelining',
  'keep-alive',
  'name-threads',
  'open-files',
  'other',
] as const;
export type LimitKind = (typeof LIMIT_KINDS)[number];

/** How much of something a program may have at once. */
export interface Limit {
  readonly kind: LimitKind;
  readonly size: number;
  /** What sets it, by its own name: 'http.Agent maxSockets', 'ThreadPoolExecutor max_workers'. */
  readonly of: string;
  /** false: what exceeds it does not wait (urllib3's pool drops connections instead). */
  readonly blocks?: boolean;
  /** Where it was set: 'file:line', or whose default it is. */
  readonly setAt?: string;
}
