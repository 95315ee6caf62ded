import type { Socket } from 'node:net';
import type { FetchError } from '../errors.ts';
import type { Address } from './address.ts';
import { connectError, type FailedAttempt } from './connect-error.ts';
import type { AddressWaiter, Reputation } from './reputation.ts';

/**
 * How long an attempt is alone before the next begins: RFC 8305 §5's recommended minimum. Its default of 250 ms is
 * made for a person and one page; here a dead address holds a slot of a run. A handshake of 100 ms is far away
 * already, and the price of a wrong guess is one more SYN.
 */
const ATTEMPT_DELAY_MS = 100;

export interface RaceOptions<S extends Socket> {
  /** For the words of an error. */
  readonly host: string;
  readonly port: number;
  /** In the order to try them; at least one. */
  readonly addresses: readonly Address[];
  /** Begins a connection. The socket's 'connect' and 'error' are listened to until it has won. */
  readonly open: (address: Address) => S;
  /** Called in the socket's 'connect' event: listen to 'error' before returning. */
  readonly onWin: (socket: S, address: Address) => void;
  /** Every address failed: connect-refused, connect-unreachable, timeout-connect or connect-failed. */
  readonly onFail: (error: FetchError) => void;
  readonly reputation: Reputation;
  readonly attemptDelayMs?: number;
}

/** Connections to the addresses of one host, raced (RFC 8305 §5): the first that is open wins, the others are destroyed. */
export class Race<S extends Socket> implements AddressWaiter {
  readonly #options: RaceOptions<S>;
  readonly #addresses: readonly Address[];
  readonly #running = new Map<S, Address>();
  readonly #failed: FailedAttempt[] = [];
  #next = 0;
  #timer: NodeJS.Timeout | undefined;
  #over = false;

  /** The first attempt begins at once. */
  constructor(options: RaceOptions<S>) {
    this.#options = options;
    const { addresses, reputation, port } = options;
    this.#addresses = addresses.length > 1 ? reputation.order(addresses, port) : addresses;
    if (addresses.length > 1) reputation.join(this);
    this.#attempt();
  }

  /** Ends it: no callback is called any more. */
  cancel(): void {
    if (this.#over) return;
    this.#end();
    for (const socket of this.#running.keys()) discard(socket);
  }

  /** Ends it because the time is over; the error says how far each address got. */
  timedOut(afterMs: number): FetchError {
    const { host, port, reputation } = this.#options;
    const silent = [...this.#running.values()];
    this.cancel();
    for (const address of silent) reputation.lost(address, port);
    const attempts = [...this.#failed, ...silent.map((address) => ({ address, code: 'ETIMEDOUT' }))];
    return connectError(host, port, attempts, afterMs);
  }

  /** What runs is in doubt by now: the next attempt need not wait. */
  hurry(): void {
    const { reputation, port } = this.#options;
    const hopeless =
      !this.#over && [...this.#running.values()].every((address) => reputation.doubts(address, port));
    const next = this.#addresses[this.#next];
    if (hopeless && next && !reputation.doubts(next, port)) this.#attempt();
  }

  #attempt(): void {
    clearTimeout(this.#timer);
    const address = this.#addresses[this.#next++]!;
    const socket = this.#options.open(address);
    this.#running.set(socket, address);
    const onError = (error: NodeJS.ErrnoException) => this.#lose(socket, address, error);
    socket.once('error', onError);
    socket.once('connect', () => {
      socket.off('error', onError);
      if (!this.#over) this.#win(socket, address);
    });
    if (this.#next < this.#addresses.length) {
      this.#timer = setTimeout(() => this.#attempt(), this.#options.attemptDelayMs ?? ATTEMPT_DELAY_MS);
    }
  }

  #win(winner: S, address: Address): void {
    const { reputation, port, onWin } = this.#options;
    this.#end();
    reputation.won(address, port);
    let hadLonger = true;
    for (const [socket, other] of this.#running) {
      if (socket === winner) hadLonger = false;
      else {
        discard(socket);
        if (hadLonger) reputation.lost(other, port);
      }
    }
    onWin(winner, address);
  }

  #lose(socket: S, address: Address, error: NodeJS.ErrnoException): void {
    if (this.#over) return;
    const { reputation, host, port, onFail } = this.#options;
    this.#running.delete(socket);
    this.#failed.push({ address, code: error.code ?? error.message, error });
    const next = this.#next;
    const isLast = next === this.#addresses.length && this.#running.size === 0;
    if (isLast) this.#end();
    reputation.lost(address, port, error.code);
    if (isLast) onFail(connectError(host, port, this.#failed));
    // The fall in repute may have begun the next attempt already.
    else if (this.#next === next && next < this.#addresses.length) this.#attempt();
  }

  #end(): void {
    this.#over = true;
    clearTimeout(this.#timer);
    this.#options.reputation.leave(this);
  }
}

/** Ignores further events of a socket that is no longer needed. */
function discard(socket: Socket): void {
  socket.on('error', () => {});
  socket.destroy();
}
