import { BlockList, isIPv4 } from 'node:net';
import type { Address } from './address.ts';

/**
 * Networks that are not the public internet, by what they are for: the special-purpose registries of IANA (RFC 6890),
 * and where clouds serve the credentials of a machine. An address is named by the first that has it.
 */
const NETWORKS: readonly (readonly [purpose: string, ...networks: string[]])[] = [
  [
    'metadata service of a cloud',
    '169.254.169.254/32',
    '169.254.170.2/32',
    '100.100.100.200/32',
    '168.63.129.16/32',
    '192.0.0.192/32',
    'fd00:ec2::254/128',
    'fd20:ce::254/128',
  ],
  ['loopback', '127.0.0.0/8', '::1/128'],
  ['unspecified', '0.0.0.0/8', '::/128'],
  ['private network', '10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', 'fc00::/7', 'fec0::/10'],
  ['local link', '169.254.0.0/16', 'fe80::/10'],
  ["provider's shared network", '100.64.0.0/10'],
  ['multicast', '224.0.0.0/4', 'ff00::/8'],
  ['broadcast', '255.255.255.255/32'],
  ['documentation', '192.0.2.0/24', '198.51.100.0/24', '203.0.113.0/24', '2001:db8::/32', '3fff::/20'],
  ['benchmarks', '198.18.0.0/15', '2001:2::/48'],
  // 2001::/32 in it is Teredo, where any IPv4 address may be hidden (RFC 4380 §4).
  ['reserved', '192.0.0.0/24', '192.88.99.0/24', '240.0.0.0/4', '2001::/23', '5f00::/16'],
];

/** IPv6 that is routed at all (RFC 4291 §2.4), IPv4 written as IPv6 (§2.5.5.2), and NAT64 (RFC 6052 §2.1). */
const ROUTED_IPV6 = ['2000::/3', '::ffff:0:0/96', '64:ff9b::/96'];

/** Made when the first address is looked at: a run that may go anywhere starts without. */
let lists: ReturnType<typeof listsOf> | null = null;

function listsOf() {
  const byPurpose = NETWORKS.map(
    ([purpose, ...networks]) => [purpose, blockList(...networks.flatMap(withEmbedded))] as const,
  );
  return { byPurpose, routed: blockList(...ROUTED_IPV6) };
}

/** What an address that is not of the public internet is for, in words; null for a public one. */
export function specialPurpose({ address }: Address): string | null {
  lists ??= listsOf();
  const { byPurpose, routed } = lists;
  const bare = address.replace(/%.*/, '');
  const family = isIPv4(bare) ? 'ipv4' : 'ipv6';
  for (const [purpose, networks] of byPurpose) if (networks.check(bare, family)) return purpose;
  return family === 'ipv6' && !routed.check(bare, 'ipv6') ? 'reserved' : null;
}

/** An IPv4 network, and the IPv6 networks through which it is reached as well: mapped, NAT64, 6to4 (RFC 3056 §2). */
function withEmbedded(network: string): readonly string[] {
  const [address, bits] = network.split('/') as [string, string];
  if (!isIPv4(address)) return [network];
  const [a, b, c, d] = address.split('.').map((byte) => Number(byte).toString(16).padStart(2, '0'));
  return [
    network,
    `::ffff:${address}/${96 + Number(bits)}`,
    `64:ff9b::${address}/${96 + Number(bits)}`,
    `2002:${a}${b}:${c}${d}::/${16 + Number(bits)}`,
  ];
}

function blockList(...networks: readonly string[]): BlockList {
  const list = new BlockList();
  for (const network of networks) {
    const [address, bits] = network.split('/') as [string, string];
    list.addSubnet(address, Number(bits), isIPv4(address) ? 'ipv4' : 'ipv6');
  }
  return list;
}
