import { BlockList, isIP } from 'node:net';

/** What a NO_PROXY list says. */
export interface Exemptions {
  /** Whether a host is reached without a proxy. */
  readonly isExempt: (host: string, port: number) => boolean;
  /** Invalid entries, which have no effect. */
  readonly ignored: readonly string[];
}

/** Whether a host is the one, or among those, that an entry means. */
type HostTest = (host: string) => boolean;

/**
 * Reads NO_PROXY as curl does: '*' is every host; a name means itself and all names below it, with or without a
 * leading dot; an address for itself; address/bits for a network. And as Go does: with ':port', for that port only.
 */
export function exemptions(list: string): Exemptions {
  const entries = list.split(/[\s,]+/).filter((entry) => entry !== '');
  if (entries.includes('*')) return { isExempt: () => true, ignored: [] };
  const read = entries.map((entry) => ({ entry, test: exemption(entry) }));
  const tests = read.flatMap(({ test }) => test ?? []);
  return {
    isExempt: (host, port) => {
      const bare = host.toLowerCase().replace(/\.$/, '');
      return tests.some((test) => test(bare, port));
    },
    ignored: read.flatMap(({ entry, test }) => (test === null ? [entry] : [])),
  };
}

function exemption(entry: string): Exemptions['isExempt'] | null {
  // Two colons outside of brackets are an IPv6 address, not a port.
  const [, inBrackets, plain, port] = /^(?:\[([^\]]+)\]|([^:]+))(?::(\d+))?$/.exec(entry) ?? [];
  const name = (inBrackets ?? plain ?? entry)
    .toLowerCase()
    .replace(/^\*?\./, '')
    .replace(/\.$/, '');
  const isHost = name.includes('/') || isIP(name) !== 0 ? networkTest(name) : nameTest(name);
  if (isHost === null) return null;
  return (host, targetPort) => (port === undefined || Number(port) === targetPort) && isHost(host);
}

function nameTest(name: string): HostTest | null {
  return /^[^:[\]]+$/.test(name) ? (host) => host === name || host.endsWith(`.${name}`) : null;
}

function networkTest(text: string): HostTest | null {
  const [, address = '', bits] = /^([^/]+)(?:\/(\d{1,3}))?$/.exec(text) ?? [];
  const family = isIP(address);
  const mostBits = family === 4 ? 32 : 128;
  const prefix = Number(bits ?? mostBits);
  if (family === 0 || prefix > mostBits) return null;
  const network = new BlockList();
  network.addSubnet(address, prefix, `ipv${family as 4 | 6}`);
  return (host) => isIP(host) !== 0 && network.check(host, isIP(host) === 4 ? 'ipv4' : 'ipv6');
}
