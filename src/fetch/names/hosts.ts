import { type Address, literal } from './address.ts';

/** The names of a hosts file, in lower case, each with all of its addresses in the file's order. */
export type Hosts = ReadonlyMap<string, readonly Address[]>;

/** Reads hosts(5): an address, then its names; '#' begins a comment. Lines that make no sense are passed over, as libc does. */
export function parseHosts(text: string): Hosts {
  const hosts = new Map<string, Address[]>();
  for (const line of text.split('\n')) {
    const [first, ...names] = line.replace(/#.*/, '').trim().split(/\s+/);
    const address = literal(first ?? '');
    if (!address) continue;
    for (const name of names) {
      const key = name.toLowerCase();
      const known = hosts.get(key);
      if (!known) hosts.set(key, [address]);
      else if (!known.some((a) => a.address === address.address)) known.push(address);
    }
  }
  return hosts;
}
