import type { WaitKind } from './records.ts';

const KINDS: ReadonlyMap<string, WaitKind> = new Map([
  ...['poll', 'select', 'epoll_wait', 'kevent', 'io_uring_enter'].map((call) => [call, 'poll'] as const),
  ...(['read', 'write', 'connect', 'sleep', 'cpu'] as const).map((call) => [call, call] as const),
  ['nagle', 'write'],
  ['flock', 'lock'],
  ['wait', 'child'],
  ['child process', 'child'],
  ['getaddrinfo', 'name'],
]);

/** What a call waits for, as far as its name tells. */
export function waitKindOf(call: string): WaitKind {
  return KINDS.get(call) ?? 'other';
}
