/** What a call is known for, whatever waits in it. */
export type Idiom =
  | 'child'
  | 'clocked'
  | 'command'
  | 'connect'
  | 'connection-pool'
  | 'event-loop'
  | 'http2'
  | 'importing'
  | 'limiter'
  | 'lock'
  | 'name'
  | 'queue'
  | 'rate'
  | 'resolver'
  | 'result'
  | 'semaphore'
  | 'signal'
  | 'sleep'
  | 'thread'
  | 'tls-context'
  | 'turn';

/** A function, by its name and its file. */
export interface CallPattern {
  readonly name: RegExp;
  readonly file: RegExp;
}

/**
 * How a stack reads in one language: which of its frames are plumbing, and what the calls of the language and of its
 * packages wait for. Everything that diagnose knows of a language is here.
 */
export interface Idioms {
  /** As an Environment says it; null: what packages of any language are called. */
  readonly language: string | null;
  /** What files of a program in it are called. */
  readonly source?: RegExp;
  /** Files of the language itself, or of installed packages: the reader of the verdict does not change a line in them. */
  readonly library?: RegExp;
  /** The folder of all packages in a file's name, with what comes before it. */
  readonly packages?: RegExp;
  /** The name of a package in the name of one of its files, as the first group. */
  readonly packageName?: RegExp;
  /** Files that make the requests: their CPU is what requests cost. */
  readonly client?: RegExp;
  /** Files that every wait goes through: the caller is the one that waits. */
  readonly primitives?: RegExp;
  /** Functions that are no place of their own: the line around them is. */
  readonly nameless?: RegExp;
  /** Calls that wait for something that was handed over: a future, a pool's result, a thread. */
  readonly handedOver?: CallPattern;
  /** Calls that wait for a queue to be worked off, or to have room. */
  readonly filling?: CallPattern;
  /** Calls that hand work to others, and wait where there is no room for it. */
  readonly putting?: CallPattern;
  /** 'Class.method' or 'function' by what they are known for. */
  readonly calls: { readonly [I in Idiom]?: RegExp };
}
