/** What Lambda tells a handler of its invocation. */
export interface Context {
  /** The same for each attempt to carry out an event. */
  readonly awsRequestId: string;
  getRemainingTimeInMillis(): number;
}

/** What carries a run from one invocation to the next: a message of the queue, or the event of a state machine. */
export interface Token {
  readonly abreast: 'lambda';
  readonly run: string;
  /** The number that the invocation will have which takes it. */
  readonly turn: number;
  /** Invocations before it, one after the other, that left no new chunk file. */
  readonly idle: number;
}

/** What came of a run. */
export interface RunResult {
  /** As of `abreast report`. */
  readonly exitCode: number;
  readonly rows: number;
  readonly failed: number;
}

/** What the queue is told of the message that an invocation had, whatever else is returned. */
export interface ToQueue {
  readonly batchItemFailures: readonly { readonly itemIdentifier: string }[];
}

/** What an invocation returns. */
export type Answer =
  /** The run is over. `storage` has its tables and its summary. */
  | ({ readonly done: true; readonly run: string; readonly storage: string } & RunResult)
  /** The run goes on. Where there is no queue, this is the event of the next invocation. */
  | ({ readonly done: false } & Token)
  /** The message is to come again. */
  | ToQueue;

/** A handler of Lambda. It fails with what Lambda is to try again, or to tell. */
export type Handler = (event: unknown, context: Context) => Promise<Answer & Partial<ToQueue>>;

/**
 * What `abreast/lambda` exports (function.ts has it; this file alone is its types in the package). Its environment says what it
 * runs: ABREAST_REPORT, ABREAST_STORAGE, ABREAST_QUEUE_URL.
 */
export declare const handler: Handler;
