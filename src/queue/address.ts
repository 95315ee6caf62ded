import { QueueError } from './error.ts';

/** A queue's server, by its URL. */
export interface QueueAddress {
  readonly kind: 'redis' | 'postgres';
  /** With the password: never shown. */
  readonly url: string;
  /** The URL without user and password. */
  readonly shown: string;
}

const KINDS: Readonly<Record<string, QueueAddress['kind']>> = {
  'redis:': 'redis',
  'rediss:': 'redis',
  'postgres:': 'postgres',
  'postgresql:': 'postgres',
};

/** @throws QueueError for what is no URL of a queue; the message shows no password. */
export function queueAddress(url: string): QueueAddress {
  const parsed = URL.parse(url);
  const kind = parsed === null ? undefined : KINDS[parsed.protocol];
  if (parsed === null || kind === undefined || parsed.hostname === '')
    throw new QueueError(
      'a queue is redis://HOST:PORT, rediss://… (TLS), or postgres://USER@HOST:PORT/DATABASE; this is neither.',
    );
  const { protocol, host, pathname } = parsed;
  return { kind, url, shown: `${protocol}//${host}${pathname === '/' ? '' : pathname}` };
}
