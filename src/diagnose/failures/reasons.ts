import { CUT_OFF, type Failure } from '../failure.ts';

/** What the errors of languages, of libraries, of system calls and of `get` mean, the first that fits. */
const MEANINGS: readonly (readonly [RegExp, string])[] = [
  [/refused/i, 'the connection was refused'],
  [/EADDRNOTAVAIL|address.?not.?avail|cannot assign/i, 'no local port was free'],
  [/EMFILE|ENFILE|too many open/i, 'too many files were open'],
  [/unreach/i, 'the network was not reached'],
  [/^dns$|ENOTFOUND|EAI_|gaierror|NameResolution|SocketError|getaddrinfo/i, 'the name was not found'],
  [/^tls|ssl|cert/i, 'TLS failed'],
  [
    /reset|ECONNRESET|EPIPE|broken.?pipe|socket hang up|Disconnected|IncompleteRead|EOFError/i,
    'the connection was closed by the other side',
  ],
  [/redirect/i, 'too many redirects'],
];
const TIMEOUT = /time(d[ -_]?)?out|ETIMEDOUT|TIMEDOUT/i;

/** Why it failed, for people: 'timed out waiting for the answer'. The error's own name where nothing is known of it. */
export function reasonOf({ error, reached, isStopped }: Failure): string {
  if (TIMEOUT.test(error)) return `timed out ${WAITING[reached]}`;
  const known = MEANINGS.find(([pattern]) => pattern.test(error));
  if (known !== undefined) return known[1];
  if (error === CUT_OFF) return `its process ended ${WAITING[reached]}`;
  return isStopped ? `given up ${WAITING[reached]}` : error;
}

const WAITING = {
  wanted: 'waiting for a connection',
  sent: 'waiting for the answer',
  answered: 'in the middle of the answer',
} as const;
