import { address, epollResults, firstNumber, pollResults } from './arguments.ts';
import type { Call } from './calls.ts';
import { ClientConnection } from './connection.ts';
import { Epoll, type File, Socket } from './files.ts';
import { bufferPayload, messagePayloads, type Payload, unquote, vectorPayload } from './payload.ts';
import type { Thread } from './programs.ts';
import type { Recording } from './recording.ts';

/** What the calls on sockets mean for the connections behind them. */
export class Sockets {
  readonly #recording: Recording;
  /** Calls that send and have not returned, by socket: their answer may be seen before they return. */
  readonly #sending = new Map<Socket, { call: Call; thread: Thread }>();

  constructor(recording: Recording) {
    this.#recording = recording;
  }

  /** The socket that a call's first argument names, now. */
  find(call: Call, thread: Thread): Socket | undefined {
    const file = thread.program.descriptors.get(firstNumber(call.text));
    return file?.type === 'socket' ? file : undefined;
  }

  create(call: Call, thread: Thread): void {
    if (!succeeded(call)) return;
    const [, domain, type] = /\((\w+), ([\w|]+)/.exec(call.text) ?? [];
    const family =
      domain === 'AF_INET' || domain === 'AF_INET6' ? 'inet' : domain === 'AF_UNIX' ? 'unix' : 'other';
    const socket = new Socket(family, type?.includes('SOCK_STREAM') ?? false);
    thread.program.descriptors.set(call.result!, socket, type?.includes('CLOEXEC') ?? false, call.leftUs!);
  }

  accepted(call: Call, thread: Thread): void {
    if (!succeeded(call)) return;
    const closeOnExec = call.text.includes('SOCK_CLOEXEC');
    thread.program.descriptors.set(call.result!, new Socket('other', true), closeOnExec, call.leftUs!);
  }

  connect(call: Call, thread: Thread, socket: Socket): void {
    const peer = address(call.text);
    if (peer === null) return;
    socket.peer = peer;
    if (socket.connection !== null && (succeeded(call) || call.error === 'EISCONN')) {
      this.#touch(socket, call.enteredUs, 'writable');
      socket.connection.connected(call.leftUs!);
      return;
    }
    if (peer.port === 53) socket.resolver = socket.stream ? 'tcp' : 'udp';
    if (socket.domain === 'unix' && RESOLVERS.test(peer.text)) socket.resolver = 'service';
    if (!socket.stream || socket.resolver !== null) return;
    if (peer.family === 'unix' && !succeeded(call)) return;
    socket.connection = new ClientConnection(
      this.#recording,
      thread.program,
      thread.id,
      peer,
      call.enteredUs,
    );
    socket.connection.noDelay(socket.noDelay);
    thread.carries ||= peer.family === 'ip';
    if (succeeded(call)) socket.connection.connected(call.leftUs!);
    else if (call.error !== null && call.error !== 'EINPROGRESS')
      socket.connection.failed(call.error, call.leftUs!);
  }

  sending(call: Call, thread: Thread, socket: Socket): void {
    this.#openFast(call, thread, socket);
    if (socket.connection !== null) this.#sending.set(socket, { call, thread });
  }

  /** TCP Fast Open: the first send also connects (RFC 7413 §3). */
  #openFast(call: Call, thread: Thread, socket: Socket): void {
    const at = call.text.lastIndexOf('MSG_FASTOPEN');
    if (at < 0 || socket.connection !== null) return;
    this.connect({ ...call, text: call.text.slice(at) }, thread, socket);
  }

  sent(call: Call, thread: Thread, socket: Socket): void {
    if (this.#sending.get(socket)?.call === call) this.#sending.delete(socket);
    if (call.applied === true) return;
    this.#openFast(call, thread, socket);
    this.#touch(socket, call.enteredUs, 'writable');
    if (call.result === null || call.result <= 0) {
      if (call.error !== null) socket.connection?.failed(call.error, call.leftUs!);
      return;
    }
    if (socket.connection !== null) {
      const payload = payloadOf(call, call.result);
      if (payload !== null) socket.connection.sent(payload, thread.id, call.enteredUs);
      thread.carries = true;
    } else this.#sentDatagram(call, thread, socket);
  }

  received(call: Call, thread: Thread, socket: Socket): void {
    if (call.text.includes('MSG_PEEK', call.text.lastIndexOf('"'))) return;
    this.#touch(socket, call.enteredUs, 'readable');
    if (call.result === null || call.result <= 0) {
      if (call.error !== null) socket.connection?.failed(call.error, call.leftUs!);
      else if (call.result === 0) socket.connection?.ended();
      return;
    }
    const atUs = call.leftUs!;
    if (socket.connection !== null) {
      this.#sendFirst(socket);
      const payload = payloadOf(call, call.result);
      if (payload !== null) socket.connection.received(payload, atUs);
      thread.carries = true;
    } else if (socket.resolver === 'udp' || socket.resolver === 'tcp') {
      this.#dns(call, thread, socket, atUs);
    } else if (socket.resolver === 'service' && socket.asked !== null) {
      this.#recording.lookups.served(thread.program.pid, socket.asked.name, socket.asked.atUs, atUs);
    }
  }

  /** The answer is here, so what is being sent was sent, and wholly. */
  #sendFirst(socket: Socket): void {
    const sending = this.#sending.get(socket);
    if (sending === undefined) return;
    this.#sending.delete(socket);
    sending.call.applied = true;
    const payload = payloadOf(sending.call, Number.MAX_SAFE_INTEGER);
    if (payload !== null) socket.connection!.sent(payload, sending.thread.id, sending.call.enteredUs);
  }

  #sentDatagram(call: Call, thread: Thread, socket: Socket): void {
    const port = (address(call.text) ?? socket.peer)?.port;
    if (port === 53 && socket.resolver === null) socket.resolver = 'udp';
    if (socket.resolver === 'service') socket.asked ??= askedOfService(call);
    else if (socket.resolver !== null) this.#dns(call, thread, socket, call.enteredUs);
    else if (port === 443 && socket.domain === 'inet' && !thread.program.usesQuic) {
      thread.program.usesQuic = true;
      this.#recording.emit({
        kind: 'note',
        atUs: call.enteredUs,
        text: `process ${thread.program.pid} sends to UDP port 443: HTTP/3, whose exchanges system calls do not show`,
      });
    }
  }

  #dns(call: Call, thread: Thread, socket: Socket, atUs: number): void {
    const payloads = call.name.endsWith('mmsg')
      ? messagePayloads(call.text)
      : [payloadOf(call, call.result!)];
    for (const payload of payloads) {
      if (payload !== null)
        this.#recording.lookups.message(thread.program.pid, payload, atUs, socket.resolver === 'tcp');
    }
  }

  /** getsockopt(SO_ERROR) of 0 is how a connect that was put off is known to have succeeded. */
  option(call: Call, socket: Socket): void {
    if (call.name === 'setsockopt') {
      const noDelay = /TCP_NODELAY, \[(\d+)\]/.exec(call.text);
      if (noDelay === null) return;
      socket.noDelay = noDelay[1] !== '0';
      socket.connection?.noDelay(socket.noDelay);
      return;
    }
    this.#touch(socket, call.enteredUs, 'writable');
    const error = /SO_ERROR, \[(\w+)\]/.exec(call.text)?.[1];
    if (error === '0') socket.connection?.connected(call.leftUs!);
    else if (error !== undefined) socket.connection?.failed(error, call.leftUs!);
  }

  named(call: Call, socket: Socket): void {
    if (socket.connection !== null && succeeded(call)) socket.connection.local = address(call.text);
  }

  watch(call: Call, thread: Thread): void {
    if (!succeeded(call)) return;
    const [, epfd, what, fd, key] =
      /\((\d+), EPOLL_CTL_(\w+), (\d+),.*?(?:u64=|data=)?([\da-fx]+)\}?\}?\)/.exec(call.text) ?? [];
    const epoll = thread.program.descriptors.get(Number(epfd));
    if (epoll?.type !== 'epoll') return;
    if (what === 'DEL') epoll.unwatch(Number(fd));
    else epoll.watch(Number(fd), thread.program.descriptors.get(Number(fd)), key ?? '');
  }

  createEpoll(call: Call, thread: Thread): void {
    if (!succeeded(call)) return;
    thread.program.descriptors.set(call.result!, new Epoll(), call.text.includes('CLOEXEC'), call.leftUs!);
  }

  /** What poll and epoll_wait reported. */
  polled(call: Call, thread: Thread): void {
    if (call.result === null || call.result <= 0) return;
    const { descriptors } = thread.program;
    if (call.name.startsWith('epoll')) {
      const epoll = descriptors.get(firstNumber(call.text));
      for (const { key, ...state } of epollResults(call.text)) {
        const known = epoll?.type === 'epoll' ? epoll.byKey(key) : undefined;
        // Where epoll_ctl went through an io_uring, the data is still the descriptor for libuv.
        this.#ready(
          known ?? (thread.program.usesRing ? descriptors.get(Number(key)) : undefined),
          call.leftUs!,
          state,
        );
      }
    } else {
      for (const { fd, ...state } of pollResults(call.text.slice(call.resultAt))) {
        this.#ready(descriptors.get(fd), call.leftUs!, state);
      }
    }
  }

  #ready(file: File | undefined, atUs: number, state: { writable: boolean; readable: boolean }): void {
    if (file?.type !== 'socket' || file.connection === null) return;
    if (state.writable && !state.readable) file.connection.connected(atUs);
    if (state.writable && !file.connection.used) file.writableUs ??= atUs;
    if (state.readable) file.readableUs ??= atUs;
  }

  /** The program comes back to a socket that the kernel had reported: said if it took its time. */
  #touch(socket: Socket, atUs: number, what: 'writable' | 'readable'): void {
    const sinceUs = what === 'writable' ? socket.writableUs : socket.readableUs;
    if (sinceUs === null) return;
    if (what === 'writable') socket.writableUs = null;
    else socket.readableUs = null;
    if (socket.connection !== null && atUs - sinceUs >= LEFT_LYING_US) {
      this.#recording.emit({ kind: 'ready', connection: socket.connection.id, atUs: sinceUs, what });
    }
  }

  /** The socket goes, or the recording ends: the program never read what was reported. */
  abandoned(socket: Socket, atUs: number): void {
    this.#touch(socket, atUs, 'writable');
    this.#touch(socket, atUs, 'readable');
  }
}

/** Below this, the time is that of an ordinary turn of a loop. */
const LEFT_LYING_US = 5_000;

/** systemd-resolved's varlink socket, and nscd's. */
const RESOLVERS = /\/(io\.systemd\.Resolve|nscd\/socket)/;

const succeeded = (call: Call): boolean => call.error === null && call.result !== null && call.result >= 0;

function payloadOf(call: Call, length: number): Payload | null {
  const vector = call.text.includes('iov_base=');
  if (vector) return vectorPayload(call.text, length);
  if (length !== Number.MAX_SAFE_INTEGER) return bufferPayload(call.text, length);
  const whole = /", (\d+)|"\.\.\., (\d+)/.exec(call.text);
  return whole === null ? null : bufferPayload(call.text, Number(whole[1] ?? whole[2]));
}

/** The name in a varlink call of systemd-resolved ('{"method":…,"parameters":{"name":"…"}}'). */
function askedOfService(call: Call): { name: string; atUs: number } | null {
  const text = unquote(/"([^"]*)"/.exec(call.text)?.[1] ?? '');
  const name = /"name":"([^"]+)"/.exec(text)?.[1];
  return name === undefined ? null : { name: name.toLowerCase(), atUs: call.enteredUs };
}
