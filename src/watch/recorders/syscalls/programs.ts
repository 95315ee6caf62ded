import { type Process, redactArgv, type TraceRecord } from '../../../trace/index.ts';
import type { Call } from './calls.ts';
import { Descriptors } from './descriptors.ts';
import type { File, Socket } from './files.ts';

/** A process: what its threads share. */
export interface Program {
  readonly pid: number;
  parent: number | null;
  readonly startedUs: number;
  argv: readonly string[];
  descriptors: Descriptors<File>;
  /** Its living threads. */
  threads: number;
  /** null: it runs, or a signal ended it. */
  exitCode: number | null;
  /** It has set up an io_uring, through which it may do what no system call shows. */
  usesRing: boolean;
  /** It has sent to UDP port 443. */
  usesQuic: boolean;
}

/** A thread of the kernel. */
export interface Thread {
  readonly id: number;
  readonly program: Program;
  /** It has used a connection. */
  carries: boolean;
  /** What the descriptor of its unfinished call led to when it began. */
  entered: Socket | undefined;
  /** When its last call returned. */
  idleUs: number;
}

/** The processes that live: kept by clone, fork, execve and exits, which strace may print in any order across threads. */
export class Programs {
  readonly #emit: (record: TraceRecord) => void;
  readonly #throttledUs: (pid: number) => number | undefined;
  readonly #threads = new Map<number, Thread>();
  /** Calls that make a child and have not returned. */
  readonly #forks = new Set<Call>();
  /** Children whose call was taken for the making of another one. */
  readonly #expected = new Map<number, Call>();

  /** @param throttledUs how long a process was held back by a quota of CPU time, where somebody knows */
  constructor(
    emit: (record: TraceRecord) => void,
    throttledUs: (pid: number) => number | undefined = () => undefined,
  ) {
    this.#emit = emit;
    this.#throttledUs = throttledUs;
  }

  /** The thread of that number. A child may run before the call that made it has returned. */
  thread(id: number, atUs: number): Thread {
    const known = this.#threads.get(id);
    if (known !== undefined) return known;
    const [pending] = this.#forks;
    const call = this.#expected.get(id) ?? pending;
    this.#expected.delete(id);
    if (call === undefined) return this.#begin(id, null, atUs);
    this.#forks.delete(call);
    call.applied = true;
    return this.#born(id, call, atUs);
  }

  all(): Set<Program> {
    return new Set([...this.#threads.values()].map((thread) => thread.program));
  }

  forking(call: Call): void {
    this.#forks.add(call);
  }

  forked(call: Call): void {
    this.#forks.delete(call);
    if (call.result === null || call.result <= 0) return;
    const known = this.#threads.get(call.result);
    if (known !== undefined) {
      // It ran before this call returned, while another one was making a child too: that one was taken for its parent.
      if (known.program.pid === known.id)
        known.program.parent = this.thread(call.thread, call.enteredUs).program.pid;
      return;
    }
    if (call.applied === true) this.#expected.set(call.result, call);
    else this.#born(call.result, call, call.enteredUs);
  }

  /** Its other threads are gone, and its descriptors closed that were marked so. */
  executed(thread: Thread, argv: readonly string[], atUs: number): void {
    thread.program.argv = argv;
    thread.program.descriptors.closeOnExec(atUs);
  }

  superseded(by: number): void {
    const thread = this.#threads.get(by);
    if (thread === undefined) return;
    this.#threads.delete(by);
    thread.program.threads--;
  }

  exited(id: number, code: number | null, atUs: number): void {
    const thread = this.#threads.get(id);
    if (thread === undefined) return;
    this.#threads.delete(id);
    const { program } = thread;
    program.threads--;
    program.exitCode = code;
    if (program.threads > 0) return;
    program.descriptors.leave(atUs);
    this.#write(program, atUs);
  }

  /** The recording ends: those that live have outlived it. */
  end(): void {
    for (const program of this.all()) this.#write(program, null);
    this.#threads.clear();
  }

  #begin(id: number, parent: Program | null, atUs: number, descriptors = new Descriptors<File>()): Thread {
    return this.#enlist(id, atUs, {
      pid: id,
      parent: parent?.pid ?? null,
      startedUs: atUs,
      argv: parent?.argv ?? [],
      descriptors,
      threads: 0,
      exitCode: null,
      usesRing: false,
      usesQuic: false,
    });
  }

  #born(id: number, call: Call, atUs: number): Thread {
    const parent = this.thread(call.thread, atUs).program;
    if (call.text.includes('CLONE_THREAD')) return this.#enlist(id, atUs, parent);
    if (!call.text.includes('CLONE_FILES')) return this.#begin(id, parent, atUs, parent.descriptors.copy());
    parent.descriptors.sharers++;
    return this.#begin(id, parent, atUs, parent.descriptors);
  }

  #enlist(id: number, atUs: number, program: Program): Thread {
    const thread: Thread = { id, program, carries: false, entered: undefined, idleUs: atUs };
    program.threads++;
    this.#threads.set(id, thread);
    return thread;
  }

  #write(program: Program, endedUs: number | null): void {
    const throttledUs = this.#throttledUs(program.pid);
    const process: Process = {
      kind: 'process',
      pid: program.pid,
      ...(program.parent === null ? {} : { parent: program.parent }),
      startedUs: program.startedUs,
      endedUs,
      argv: redactArgv(program.argv),
      exitCode: program.exitCode,
      ...(throttledUs !== undefined && { throttledUs }),
    };
    this.#emit(process);
  }
}
