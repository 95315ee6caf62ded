import type { Lost, TraceRecord } from '../../../trace/index.ts';
import type { Listener } from '../recorder.ts';
import { argv, firstNumber, numberAt } from './arguments.ts';
import { type Call, CallReader, type Event } from './calls.ts';
import type { Socket } from './files.ts';
import { Lookups } from './lookups.ts';
import { Openings } from './openings.ts';
import { Programs, type Thread } from './programs.ts';
import type { Recording } from './recording.ts';
import { Sockets } from './sockets.ts';
import { type CpuShare, Waits } from './waits.ts';

const SENDS: ReadonlySet<string> = new Set(['write', 'writev', 'sendto', 'sendmsg', 'sendmmsg']);
const RECEIVES: ReadonlySet<string> = new Set(['read', 'readv', 'recvfrom', 'recvmsg', 'recvmmsg']);
const FORKS: ReadonlySet<string> = new Set(['clone', 'clone3', 'fork', 'vfork']);

const ESTIMATES =
  'HTTP/2 was encrypted: its requests and answers are estimates, from the lengths and times of TLS records';

export interface TracerOptions {
  /** How much threads compute, where somebody knows. */
  readonly cpu?: CpuShare;
  /** How long a process was held back by a quota of CPU time, where somebody knows: microseconds. */
  readonly throttledUs?: (pid: number) => number | undefined;
  /** URLs stay as they are, credentials too. */
  readonly keepUrls?: boolean;
  /** Is told what is sent as soon as it is. */
  readonly listener?: Listener | undefined;
}

/**
 * Reads what strace prints, line by line, and writes the records of a trace. It keeps what is needed to understand
 * the next line, and never a byte that a program sent or received beyond the first line of a request in the clear.
 */
export class Tracer {
  readonly #calls: CallReader;
  readonly #programs: Programs;
  readonly #sockets: Sockets;
  readonly #waits: Waits;
  #notUnderstood = 0;
  #lastUs = 0;
  /** The first process: the command. */
  pid: number | null = null;
  /** Called when the first process has ended. */
  onExit: (code: number | null, signal: NodeJS.Signals | null) => void = () => {};

  /** Called with a thread, the first time that it uses a connection. */
  onCarrier: (pid: number, thread: number) => void = () => {};

  /** @param startedUs the Unix time, in microseconds, that the records' times are relative to */
  constructor(startedUs: number, emit: (record: TraceRecord) => void, options: TracerOptions = {}) {
    let connections = 0;
    let exchanges = 0;
    let noted = false;
    const recording: Recording = {
      emit,
      nextConnection: () => ++connections,
      nextExchange: () => ++exchanges,
      noteEstimates: (atUs) => {
        if (!noted) emit({ kind: 'note', atUs, text: ESTIMATES });
        noted = true;
      },
      lookups: new Lookups(),
      openings: new Openings(),
      origins: new Map(),
      keepUrls: options.keepUrls ?? false,
      listener: options.listener,
    };
    this.#calls = new CallReader(startedUs);
    this.#programs = new Programs(emit, options.throttledUs);
    this.#sockets = new Sockets(recording);
    this.#waits = new Waits(emit, options.cpu ?? (() => null));
  }

  line(line: string): void {
    if (line === '') return;
    const event = this.#calls.read(line);
    if (event === null) this.#notUnderstood++;
    else this.#apply(event);
  }

  /** The output has ended: what is still open is written as far as it is known. */
  end(): Lost {
    for (const call of this.#calls.pending) {
      const thread = this.#programs.thread(call.thread, call.enteredUs);
      this.#waits.waited(call, thread, this.#lastUs);
    }
    for (const program of this.#programs.all()) {
      for (const file of program.descriptors.files()) {
        if (file.type !== 'socket') continue;
        this.#sockets.abandoned(file, this.#lastUs);
        file.connection?.left();
      }
    }
    this.#programs.end();
    return this.#notUnderstood === 0 ? {} : { notUnderstood: this.#notUnderstood };
  }

  #apply(event: Event): void {
    if (event.type === 'enter' || event.type === 'leave') {
      const { call } = event;
      const thread = this.#programs.thread(call.thread, call.enteredUs);
      this.pid ??= thread.program.pid;
      this.#lastUs = Math.max(this.#lastUs, call.leftUs ?? call.enteredUs);
      if (event.type === 'enter') this.#enter(call, thread);
      else this.#leave(call, thread);
    } else if (event.type === 'exit') {
      this.#lastUs = Math.max(this.#lastUs, event.atUs);
      this.#programs.exited(event.thread, event.code, event.atUs);
      if (event.thread === this.pid) this.onExit(event.code, event.signal);
    } else if (event.type === 'superseded') {
      this.#programs.superseded(event.by);
    }
  }

  #enter(call: Call, thread: Thread): void {
    this.#waits.computed(thread, thread.idleUs, call.enteredUs);
    thread.idleUs = Number.POSITIVE_INFINITY;
    thread.entered = this.#sockets.find(call, thread);
    if (FORKS.has(call.name)) this.#programs.forking(call);
    else if (call.name === 'close') this.#close(call, thread);
    else if (thread.entered !== undefined && SENDS.has(call.name))
      this.#sockets.sending(call, thread, thread.entered);
  }

  #leave(call: Call, thread: Thread): void {
    this.#waits.computed(thread, thread.idleUs, call.enteredUs);
    thread.idleUs = call.leftUs!;
    const socket = thread.entered ?? this.#sockets.find(call, thread);
    const carried = thread.carries;
    this.#understand(call, thread, socket);
    if (thread.carries && !carried) this.onCarrier(thread.program.pid, thread.id);
    this.#waits.waited(call, thread, call.leftUs!);
    thread.entered = undefined;
  }

  #understand(call: Call, thread: Thread, socket: Socket | undefined): void {
    const { name } = call;
    if (socket !== undefined && SENDS.has(name)) this.#sockets.sent(call, thread, socket);
    else if (socket !== undefined && RECEIVES.has(name)) this.#sockets.received(call, thread, socket);
    else if (socket !== undefined && name === 'connect') this.#sockets.connect(call, thread, socket);
    else if (socket !== undefined && name.endsWith('sockopt')) this.#sockets.option(call, socket);
    else if (socket !== undefined && name === 'getsockname') this.#sockets.named(call, socket);
    else if (name === 'close') this.#close(call, thread);
    else if (name === 'epoll_ctl') this.#sockets.watch(call, thread);
    else if (name.startsWith('epoll_create')) this.#sockets.createEpoll(call, thread);
    else if (name.startsWith('epoll') || name.endsWith('poll')) this.#sockets.polled(call, thread);
    else if (name === 'socket') this.#sockets.create(call, thread);
    else if (name.startsWith('accept')) this.#sockets.accepted(call, thread);
    else if (FORKS.has(name)) this.#programs.forked(call);
    else if (name === 'execve' && call.result === 0)
      this.#programs.executed(thread, argv(call.text), call.leftUs!);
    else if (name === 'io_uring_setup') thread.program.usesRing = true;
    else this.#duplicate(call, thread);
  }

  /** Applied when it begins: another thread may get the number before this call returns. */
  #close(call: Call, thread: Thread): void {
    if (call.applied === true) return;
    call.applied = true;
    const { descriptors } = thread.program;
    const fd = firstNumber(call.text);
    const file = descriptors.get(fd);
    if (file?.type === 'socket' && file.references === 1) this.#sockets.abandoned(file, call.enteredUs);
    descriptors.close(fd, call.enteredUs);
  }

  /** dup, dup2, dup3, fcntl and close_range. */
  #duplicate(call: Call, thread: Thread): void {
    if (call.result === null || call.result < 0) return;
    const { descriptors } = thread.program;
    const fd = firstNumber(call.text);
    const atUs = call.leftUs!;
    if (call.name === 'close_range') {
      const last = numberAt(call.text, 1);
      if (call.text.includes('CLOSE_RANGE_CLOEXEC')) return;
      descriptors.closeRange(fd, Number.isNaN(last) ? Number.MAX_SAFE_INTEGER : last, atUs);
    } else if (call.name.startsWith('dup') || call.text.includes('F_DUPFD')) {
      const file = descriptors.get(fd);
      if (file !== undefined) descriptors.set(call.result, file, call.text.includes('CLOEXEC'), atUs);
      else descriptors.close(call.result, atUs);
    } else if (call.name === 'fcntl' && call.text.includes('F_SETFD')) {
      descriptors.setCloseOnExec(fd, call.text.includes('FD_CLOEXEC'));
    }
  }
}

/**
 * The records of a recorded output of strace (`strace -f -ttt -T -xx -s 2048 -o FILE`), in the order they were
 * understood; times are relative to its first line.
 */
export function readStrace(text: string): { records: TraceRecord[]; lost: Lost; startedUs: number } {
  const lines = text.split('\n');
  const startedUs = Math.floor(Number(/^\d+\s+(\d+\.\d+)/.exec(lines[0] ?? '')?.[1] ?? 0) * 1e6);
  const records: TraceRecord[] = [];
  const tracer = new Tracer(startedUs, (record) => records.push(record));
  for (const line of lines) tracer.line(line);
  return { records, lost: tracer.end(), startedUs };
}
