import { type TraceRecord, type Wait, waitKindOf } from '../../../trace/index.ts';
import { firstNumber, polled, selected } from './arguments.ts';
import type { Call } from './calls.ts';
import type { File } from './files.ts';
import type { Thread } from './programs.ts';

/** The one name of calls that wait in the same way. */
const WAITS: ReadonlyMap<string, string> = new Map([
  ...['poll', 'ppoll'].map((name) => [name, 'poll'] as const),
  ...['select', 'pselect6'].map((name) => [name, 'select'] as const),
  ...['epoll_wait', 'epoll_pwait', 'epoll_pwait2'].map((name) => [name, 'epoll_wait'] as const),
  ...['read', 'readv', 'recvfrom', 'recvmsg', 'recvmmsg'].map((name) => [name, 'read'] as const),
  ...['write', 'writev', 'sendto', 'sendmsg', 'sendmmsg'].map((name) => [name, 'write'] as const),
  ...['nanosleep', 'clock_nanosleep'].map((name) => [name, 'sleep'] as const),
  ...['wait4', 'waitid'].map((name) => [name, 'wait'] as const),
  ...['connect', 'accept', 'accept4', 'flock', 'io_uring_enter'].map((name) => [name, name] as const),
]);

/** Shorter waits serialise nothing. */
const SHORTEST_US = 1_000;
/** Of a thread that carries no requests only these are kept: children waited for, sleeps, files. */
const SHORTEST_ELSEWHERE_US = 10_000;
/** Shorter times between calls are those of an ordinary program. */
const SHORTEST_CPU_US = 20_000;
/** A longer list of connections says no more than its length. */
const MOST_CONNECTIONS = 8;

/** Less than this is what is left of a thread's turn when it begins to wait. */
const COMPUTES = 0.2;

/** select and poll of nothing are how a program sleeps for less than a second. */
const isTimer = ({ name, text }: Call): boolean =>
  name.includes('select')
    ? text.startsWith(`${name}(0, `)
    : text.startsWith(`${name}(NULL, 0, `) && name.includes('poll');

/** The share of a time that a thread computed; null: not known. */
export type CpuShare = (thread: number, fromUs: number, toUs: number) => number | null;

/** The waits of threads, and what each waited for. */
export class Waits {
  readonly #emit: (record: TraceRecord) => void;
  readonly #cpu: CpuShare;

  constructor(emit: (record: TraceRecord) => void, cpu: CpuShare) {
    this.#emit = emit;
    this.#cpu = cpu;
  }

  /** A call has returned at `toUs`, or the recording ends with it. */
  waited(call: Call, thread: Thread, toUs: number): void {
    const name = isTimer(call) ? 'sleep' : WAITS.get(call.name);
    const shortestUs = thread.carries ? SHORTEST_US : SHORTEST_ELSEWHERE_US;
    if (name === undefined || toUs - call.enteredUs < shortestUs) return;
    const files = this.#waitedFor(call, name, thread);
    if (
      name !== 'epoll_wait' &&
      files.sockets.some((file) => file?.type === 'socket' && file.resolver !== null)
    ) {
      this.#block(thread, call.enteredUs, toUs, 'getaddrinfo', {});
      return;
    }
    const connections: number[] = [...files.connections];
    for (const file of files.sockets) {
      if (file?.type === 'socket' && file.connection !== null) connections.push(file.connection.id);
    }
    this.#block(thread, call.enteredUs, toUs, name, {
      ...(connections.length === 0 || connections.length > MOST_CONNECTIONS ? {} : { connections }),
      ...(files.count === undefined ? {} : { descriptors: files.count }),
    });
  }

  /**
   * Time between two calls. Locks between threads (futex) are not recorded: where there are several, only the
   * kernel's count of their time tells computing from waiting.
   */
  computed(thread: Thread, fromUs: number, toUs: number): void {
    if (!thread.carries || toUs - fromUs < SHORTEST_CPU_US) return;
    if (thread.program.threads > 1 && (this.#cpu(thread.id, fromUs, toUs) ?? 0) < COMPUTES) return;
    this.#block(thread, fromUs, toUs, 'cpu', {});
  }

  #waitedFor(
    call: Call,
    name: string,
    thread: Thread,
  ): { sockets: (File | undefined)[]; connections: number[]; count?: number } {
    const { descriptors, usesRing } = thread.program;
    if (name === 'epoll_wait') {
      const epoll = descriptors.get(firstNumber(call.text));
      if (epoll?.type !== 'epoll' || usesRing) return { sockets: [], connections: [] };
      return { sockets: [], connections: epoll.connections(), count: epoll.size };
    }
    if (name === 'sleep' || name === 'wait' || name === 'io_uring_enter')
      return { sockets: [], connections: [] };
    const numbers =
      name === 'poll'
        ? polled(call.text.slice(0, call.resultAt))
        : name === 'select'
          ? selected(call.text)
          : null;
    if (numbers !== null) {
      return { sockets: numbers.map((fd) => descriptors.get(fd)), connections: [], count: numbers.length };
    }
    return {
      sockets: [thread.entered ?? descriptors.get(firstNumber(call.text))],
      connections: [],
      count: 1,
    };
  }

  #block(thread: Thread, fromUs: number, toUs: number, call: string, more: Partial<Wait>): void {
    this.#emit({
      kind: 'block',
      pid: thread.program.pid,
      thread: thread.id,
      fromUs,
      toUs,
      wait: { kind: waitKindOf(call), call, ...more },
    });
  }
}
