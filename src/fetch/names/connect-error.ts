import { limitText } from '../duration.ts';
import { type ErrorCode, FetchError } from '../errors.ts';
import { option } from '../option-names.ts';
import type { Address } from './address.ts';

/** An attempt that failed. `code` is the system's. */
export interface FailedAttempt {
  readonly address: Address;
  readonly code: string;
  readonly error?: Error;
}

const UNREACHABLE = new Set(['ENETUNREACH', 'EHOSTUNREACH', 'ENETDOWN', 'EHOSTDOWN', 'EADDRNOTAVAIL']);

/** One error for all attempts at a host, named after the one that got furthest: a refusal is an answer, silence is not. */
export function connectError(
  host: string,
  port: number,
  attempts: readonly FailedAttempt[],
  afterMs?: number,
): FetchError {
  const code = commonCode(attempts);
  const each = attempts.map(({ address, code }) => `${at(address, port)} ${say(code, afterMs)}`).join('; ');
  const target = host.includes(':') && !host.startsWith('[') ? `[${host}]` : host;
  const text = `no connection to ${target}:${port}: ${each}; ${ADVICE[code]}`;
  const errors = attempts.flatMap(({ error }) => error ?? []);
  return new FetchError(code, text, errors.length > 1 ? new AggregateError(errors) : errors[0]);
}

type ConnectCode = ErrorCode &
  ('connect-refused' | 'connect-unreachable' | 'connect-failed' | 'timeout-connect');

const ADVICE: Readonly<Record<ConnectCode, string>> = {
  'connect-refused': 'is the server running, and is that its port?',
  'connect-unreachable': 'check the network and its routes',
  'timeout-connect': `check the address and firewalls, or allow more with ${option('connectTimeout')}`,
  'connect-failed': 'check the network of this host',
};

function commonCode(attempts: readonly FailedAttempt[]): ConnectCode {
  const has = (test: (code: string) => boolean) => attempts.some(({ code }) => test(code));
  if (has((code) => code === 'ECONNREFUSED')) return 'connect-refused';
  if (has((code) => code === 'ETIMEDOUT')) return 'timeout-connect';
  return attempts.every(({ code }) => UNREACHABLE.has(code)) ? 'connect-unreachable' : 'connect-failed';
}

function say(code: string, afterMs: number | undefined): string {
  switch (code) {
    case 'ECONNREFUSED':
      return 'refused';
    case 'ETIMEDOUT':
      return afterMs === undefined ? 'did not answer' : `did not answer in ${limitText(afterMs)}`;
    case 'ENETUNREACH':
    case 'EHOSTUNREACH':
      return `unreachable (${code})`;
    case 'EMFILE':
    case 'ENFILE':
      return `not tried: too many open files (${code}; see ulimit -n)`;
    case 'EADDRNOTAVAIL':
      return 'not possible: no local address or port is free for it (EADDRNOTAVAIL)';
    default:
      return `failed (${code})`;
  }
}

function at({ address, family }: Address, port: number): string {
  return family === 6 ? `[${address}]:${port}` : `${address}:${port}`;
}
