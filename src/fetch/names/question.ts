import type { Family } from './address.ts';
import type { DnsAnswer } from './name-server.ts';
import type { NameServers } from './name-servers.ts';

/** How long one family's answer waits for the other's: RFC 8305 §3, recommended. */
const RESOLUTION_DELAY_MS = 50;

/** Both families where the host speaks both; otherwise the first that has an answer, in this order. */
export type Ask = { readonly together: boolean; readonly families: readonly Family[] };

/** The addresses of one full name, of all families that were in time. */
export interface NameAnswer extends DnsAnswer {
  /** The other family's answer was not waited for. */
  readonly partial: boolean;
}

/**
 * Asks for the addresses of one full name. With both families the questions go out together, and whichever has an
 * answer waits for the other no longer than the resolution delay, so a server that loses AAAA costs 50 ms, not the
 * 5 s that libc waits. With one family first, the other is asked only when the first has none.
 */
export function askName(
  servers: NameServers,
  name: string,
  { together, families }: Ask,
): Promise<NameAnswer> {
  const [first, second] = families;
  if (second !== undefined && together) return askTogether(servers, name);
  return new Promise((resolve) => {
    servers.ask(name, first!, (answer) => {
      if (second === undefined || answer.error !== 'ENODATA') resolve({ ...answer, partial: false });
      else servers.ask(name, second, (other) => resolve({ ...other, partial: false }));
    });
  });
}

function askTogether(servers: NameServers, name: string): Promise<NameAnswer> {
  return new Promise((resolve) => {
    let early: DnsAnswer | undefined;
    let timer: NodeJS.Timeout | undefined;
    const take = (family: Family, answer: DnsAnswer): void => {
      if (early) {
        clearTimeout(timer);
        resolve(joined(early, answer));
        return;
      }
      early = answer;
      // A name that does not exist has none of any family (RFC 8020), but of AAAA servers say it wrongly (RFC 4074 §4.2).
      if (answer.error === 'ENOTFOUND' && family === 4) resolve({ ...answer, partial: false });
      else if (!answer.error)
        timer = setTimeout(() => {
          leave6();
          leave4();
          resolve({ ...answer, partial: true });
        }, RESOLUTION_DELAY_MS);
    };
    const leave6 = servers.ask(name, 6, (answer) => take(6, answer));
    const leave4 = servers.ask(name, 4, (answer) => take(4, answer));
  });
}

/** Addresses win over errors, and of two errors the one that says less of the name: it may have addresses after all. */
function joined(a: DnsAnswer, b: DnsAnswer): NameAnswer {
  if (a.error && b.error) return { ...(a.error === 'ENODATA' ? b : a), partial: false };
  if (a.error) return { ...b, partial: a.error !== 'ENODATA' };
  if (b.error) return { ...a, partial: b.error !== 'ENODATA' };
  return { addresses: [...a.addresses, ...b.addresses], ttl: Math.min(a.ttl, b.ttl), partial: false };
}
