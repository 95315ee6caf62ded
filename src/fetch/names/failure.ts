import { FetchError } from '../errors.ts';
import { option } from '../option-names.ts';
import type { Family } from './address.ts';

const MISSING: ReadonlySet<string> = new Set([
  'ENOTFOUND',
  'ENODATA',
  'EBADNAME',
  'EADDRFAMILY',
  'EAI_NONAME',
  'EAI_NODATA',
]);

/** Whether a failure is an answer: the name does not exist, or has no such address. Asking again soon gives the same. */
export function isMissing(code: string): boolean {
  return MISSING.has(code);
}

/** Whether a look-up that failed may go well soon: the servers were silent or in trouble, and said nothing of the name. */
export function mayResolveLater(error: FetchError): boolean {
  const code = (error.cause as NodeJS.ErrnoException | undefined)?.code;
  return code !== undefined && !isMissing(code);
}

/** The look-up that failed, in words: whom was asked, what it said, what to do. `cause.code` is the resolver's own. */
export function nameError(
  host: string,
  family: Family | undefined,
  code: string,
  servers: readonly string[] | undefined,
): FetchError {
  const cause = Object.assign(new Error(`${code} ${host}`), { code });
  return new FetchError('dns', words(host, family, code, servers), cause);
}

function words(
  host: string,
  family: Family | undefined,
  code: string,
  servers: readonly string[] | undefined,
): string {
  const asked = servers ? `name server ${servers.join(', ')}` : 'the system';
  const kind = family === undefined ? 'address' : `IPv${family} address`;
  const meanwhile = `or give the address yourself with ${option('resolve')}`;
  switch (code) {
    case 'ENOTFOUND':
    case 'EAI_NONAME':
      return `no such host: ${host} (asked: ${asked}); check the spelling of the URL`;
    case 'ENODATA':
    case 'EAI_NODATA':
      return `${host} exists but has no ${kind} (asked: ${asked})${family === undefined ? '' : `; leave out ${option('family')}`}`;
    case 'EADDRFAMILY':
      return `${host} is no IPv${family} address, and no other is allowed; leave out ${option('family')}`;
    case 'EBADNAME':
      return `${host} can't be a host's name: a part is empty or over 63 characters, or it is over 253 in all`;
    case 'ETIMEOUT':
    case 'ETIMEDOUT':
    case 'EAI_AGAIN':
      return `no answer about ${host} from ${asked}; check the network and /etc/resolv.conf; ${meanwhile}`;
    case 'ECONNREFUSED':
      return `no server answers as ${asked} (asked for ${host}); check /etc/resolv.conf; ${meanwhile}`;
    case 'ESERVFAIL':
    case 'EREFUSED':
      return `${asked} could not look up ${host} (${code.slice(1)}); try again later; ${meanwhile}`;
    case 'ECANCELLED':
      return `the look-up of ${host} was given up, as the run had ended`;
    default:
      return `${host} could not be looked up (${code}; asked: ${asked}); try again later; ${meanwhile}`;
  }
}
