import { isIP } from 'node:net';
import { networkInterfaces } from 'node:os';

export type Family = 4 | 6;

/** Where a name leads. */
export interface Address {
  readonly address: string;
  readonly family: Family;
}

/** What IPv6 this host has an address for: none beyond loopback and link, a private one only, or the internet's. */
export type Ipv6 = 'none' | 'private' | 'global';

/** An address written as one ('127.0.0.1', '::1', '[::1]'), or undefined for a name. */
export function literal(host: string): Address | undefined {
  const bare = host.startsWith('[') && host.endsWith(']') ? host.slice(1, -1) : host;
  const family = isIP(bare);
  return family === 4 || family === 6 ? { address: bare, family } : undefined;
}

/**
 * What IPv6 this host can speak, judged by its own addresses as getaddrinfo's AI_ADDRCONFIG does (RFC 3493 §6.1):
 * no packet is sent and nothing is waited for. Link-local addresses reach no server that a URL could name.
 */
export function hostIpv6(): Ipv6 {
  let found: Ipv6 = 'none';
  for (const addresses of Object.values(networkInterfaces())) {
    for (const { family, address, internal } of addresses ?? []) {
      if (family !== 'IPv6' || internal || /^fe[89ab]/i.test(address)) continue;
      if (!/^f[cd]/i.test(address)) return 'global';
      found = 'private';
    }
  }
  return found;
}

/**
 * The order in which addresses are tried. Which family leads follows RFC 6724 as far as it matters here: IPv6 goes
 * first where the source would match the destination (rule 5) and the policy table (§2.1) ranks it above IPv4:
 * ::1 always, other addresses with a global source, never ULA, 6to4 and Teredo. Then the families alternate
 * (RFC 8305 §4), each in the order the name server gave, which is how it spreads load.
 */
export function tryOrder(addresses: readonly Address[], ipv6: Ipv6): readonly Address[] {
  if (addresses.length < 2) return addresses;
  const six = addresses.filter((a) => a.family === 6);
  const four = addresses.filter((a) => a.family === 4);
  if (six.length === 0 || four.length === 0) return addresses;
  const [first, second] = six.some((a) => beatsIpv4(a.address, ipv6)) ? [six, four] : [four, six];
  const ordered: Address[] = [];
  for (let i = 0; i < Math.max(first.length, second.length); i++) {
    if (first[i]) ordered.push(first[i]!);
    if (second[i]) ordered.push(second[i]!);
  }
  return ordered;
}

function beatsIpv4(address: string, ipv6: Ipv6): boolean {
  if (address === '::1') return true;
  return ipv6 === 'global' && !/^(f[cd]|2002:|2001:0{0,4}:)/i.test(address);
}
