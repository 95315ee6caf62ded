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

/** RFC 3986 §2.1: these would end the user, the password or the host. */
const ENCODED = 'In a user or a password write @ as %40, : as %3A, / as %2F, ? as %3F and # as %23.';

/** @throws QueueError for what is no URL of a queue; the message shows no password. */
export function queueAddress(url: string): QueueAddress {
  const parsed = URL.parse(url);
  const kind = parsed === null ? undefined : KINDS[parsed.protocol];
  if (parsed === null || kind === undefined || parsed.hostname === '')
    throw new QueueError(
      `a queue is redis://HOST:PORT, rediss://HOST:PORT (TLS) or postgres://USER@HOST:PORT/DATABASE; this is none of them. ${ENCODED}`,
    );
  const { protocol, host, pathname, search, hash } = parsed;
  // What follows is the rest of a password, and must not be shown.
  if (`${pathname}${search}${hash}`.includes('@'))
    throw new QueueError(`the URL of the queue has an @ after its host. ${ENCODED}`);
  const shown = `${protocol}//${host}${pathname === '/' ? '' : pathname}`;
  if (kind === 'redis' && !/^\/\d*$/.test(pathname || '/'))
    throw new QueueError(`${shown}: a database of Redis is a number, as in redis://HOST:PORT/0.`);
  return { kind, url, shown };
}
