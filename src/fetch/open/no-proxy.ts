import { BlockList, isIP } from 'node:net';

/**
 * Who is reached without a proxy, by curl's reading of NO_PROXY: '*' is everybody; a name stands for itself and
 * all names below it, with or without a leading dot; an address for itself; address/bits for a network. And by
 * Go's: with ':port', for that port only.
 */
export function exemptions(list: string): (host: string, port: number) => boolean {
  const entries = list.split(/[\s,]+/).filter((entry) => entry !== '');
  if (entries.length === 0) return () => false;
  if (entries.includes('*')) return () => true;
  const tests = entries.map(exemption);
  return (host, port) => {
    const bare = host.toLowerCase().replace(/\.$/, '');
    return tests.some((test) => test(bare, port));
  };
}

function exemption(entry: string): (host: string, port: number) => boolean {
  // Two colons outside of brackets are an IPv6 address, not a port.
  const [, inBrackets, plain, port] = /^(?:\[([^\]]+)\]|([^:]+))(?::(\d+))?$/.exec(entry) ?? [];
  const name = (inBrackets ?? plain ?? entry)
    .toLowerCase()
    .replace(/^\*?\./, '')
    .replace(/\.$/, '');
  const isHost = hostTest(name);
  return (host, targetPort) => (port === undefined || Number(port) === targetPort) && isHost(host);
}

function hostTest(name: string): (host: string) => boolean {
  const [address = '', bits] = name.split('/');
  const family = isIP(address);
  if (family === 0) return (host) => host === name || host.endsWith(`.${name}`);
  const prefix = bits === undefined ? (family === 4 ? 32 : 128) : Number(bits);
  const network = new BlockList();
  try {
    network.addSubnet(address, prefix, family === 4 ? 'ipv4' : 'ipv6');
  } catch {
    // No such network: nobody is in it.
  }
  return (host) => isIP(host) !== 0 && network.check(host, isIP(host) === 4 ? 'ipv4' : 'ipv6');
}
