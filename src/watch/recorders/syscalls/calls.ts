/** One system call of the program, or what is known of it so far. */
export interface Call {
  readonly thread: number;
  readonly name: string;
  readonly enteredUs: number;
  /** null while it has not returned. */
  leftUs: number | null;
  /** 'name(arguments…) = result': what strace printed, both halves joined. */
  text: string;
  /** null: it has not returned, or its result has no number (`= ?`). */
  result: number | null;
  /** 'EAGAIN', 'ERESTARTSYS', …; null where it succeeded. */
  error: string | null;
  /** Where the result begins in `text`; its end while there is none. */
  resultAt: number;
  /** Set where the call was applied before it returned. */
  applied?: boolean;
}

/** A line of strace's output. A call that strace printed in two halves is an `enter` and a `leave`. */
export type Event =
  | { readonly type: 'enter'; readonly call: Call }
  | { readonly type: 'leave'; readonly call: Call }
  | { readonly type: 'signal'; readonly thread: number; readonly atUs: number }
  | {
      readonly type: 'exit';
      readonly thread: number;
      readonly atUs: number;
      /** null: a signal ended it. */
      readonly code: number | null;
      readonly signal: NodeJS.Signals | null;
    }
  /** A thread of its process called execve and goes on under this number, the process's own. */
  | { readonly type: 'superseded'; readonly thread: number; readonly by: number };

const UNFINISHED = ' <unfinished ...>';
const RESUMED = ' resumed>';

/**
 * Reads the lines that `strace -f -ttt -T -o` prints: 'thread seconds.microseconds call(…) = result <duration>'.
 * Halves of a call are paired by thread: a thread is in one call at a time.
 */
export class CallReader {
  readonly #pending = new Map<number, Call>();
  readonly #startedUs: number;

  /** @param startedUs the Unix time, in microseconds, that all times are relative to */
  constructor(startedUs: number) {
    this.#startedUs = startedUs;
  }

  /** The calls that have not returned. */
  get pending(): Iterable<Call> {
    return this.#pending.values();
  }

  /** null: not a line that strace prints. */
  read(line: string): Event | null {
    const thread = Number.parseInt(line, 10);
    let at = line.indexOf(' ');
    while (line.charCodeAt(at) === 32) at++;
    const dot = line.indexOf('.', at);
    if (!(thread > 0) || at < 0 || dot < 0 || line.charCodeAt(dot + 7) !== 32) return null;
    const atUs = Number(line.slice(at, dot)) * 1e6 + Number(line.slice(dot + 1, dot + 7)) - this.#startedUs;
    const from = dot + 8;
    if (line.startsWith('<... ', from)) return this.#resume(thread, line, from, atUs);
    if (line.startsWith('+++ ', from)) return this.#end(thread, line, from, atUs);
    if (line.startsWith('--- ', from)) return { type: 'signal', thread, atUs };
    const bracket = line.indexOf('(', from);
    if (bracket < 0 || Number.isNaN(atUs)) return null;
    const call: Call = {
      thread,
      name: line.slice(from, bracket),
      enteredUs: atUs,
      leftUs: null,
      text: '',
      result: null,
      error: null,
      resultAt: 0,
    };
    if (line.endsWith(UNFINISHED)) {
      call.text = line.slice(from, -UNFINISHED.length);
      call.resultAt = call.text.length;
      this.#pending.set(thread, call);
      return { type: 'enter', call };
    }
    call.text = line.slice(from);
    return complete(call, atUs);
  }

  #resume(thread: number, line: string, from: number, atUs: number): Event | null {
    const call = this.#pending.get(thread);
    const at = line.indexOf(RESUMED, from);
    if (call === undefined || at < 0) return null;
    this.#pending.delete(thread);
    call.text += line.slice(at + RESUMED.length);
    return complete(call, atUs);
  }

  #end(thread: number, line: string, from: number, atUs: number): Event | null {
    this.#pending.delete(thread);
    const superseded = /^superseded by execve in pid (\d+) /.exec(line.slice(from + 4));
    if (superseded !== null) {
      const by = Number(superseded[1]);
      const execve = this.#pending.get(by);
      this.#pending.delete(by);
      if (execve !== undefined) this.#pending.set(thread, { ...execve, thread });
      return { type: 'superseded', thread, by };
    }
    const exited = /^exited with (\d+) /.exec(line.slice(from + 4));
    if (exited !== null) return { type: 'exit', thread, atUs, code: Number(exited[1]), signal: null };
    const killed = /^killed by (SIG\w+) /.exec(line.slice(from + 4));
    if (killed === null) return null;
    return { type: 'exit', thread, atUs, code: null, signal: killed[1] as NodeJS.Signals };
  }
}

/** Errors after which a call is repeated or waited for: nothing has failed. */
export const NO_FAILURES: ReadonlySet<string> = new Set([
  'EAGAIN',
  'EINPROGRESS',
  'EINTR',
  'EALREADY',
  'ERESTARTSYS',
  'EISCONN',
]);

/** Reads '= -1 EAGAIN (…) <0.000012>'. A call that strace could not follow to its end has no result. */
function complete(call: Call, seenUs: number): Event | null {
  const { text } = call;
  const equals = text.lastIndexOf(' = ');
  if (equals < 0) return null;
  const open = text.lastIndexOf('<');
  // '<unavailable>' where the thread was killed in it.
  const took = open > equals && text.endsWith('>') ? Number(text.slice(open + 1, -1)) : Number.NaN;
  call.leftUs = Number.isNaN(took)
    ? Math.max(seenUs, call.enteredUs)
    : call.enteredUs + Math.round(took * 1e6);
  call.resultAt = equals + 3;
  const result = Number.parseInt(text.slice(equals + 3, equals + 24), 10);
  call.result = Number.isNaN(result) ? null : result;
  const error = /^(?:-1|\?) (E[A-Z0-9_]+)/.exec(text.slice(equals + 3, equals + 40));
  call.error = error === null ? null : error[1]!;
  return { type: 'leave', call };
}
