import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { literal } from '../../../src/fetch/names/address.ts';
import { specialPurpose } from '../../../src/fetch/names/special-purpose.ts';

const purposeOf = (address: string) => specialPurpose(literal(address)!);

const special: readonly (readonly [purpose: RegExp, ...addresses: string[]])[] = [
  [/loopback/, '127.0.0.0', '127.0.0.1', '127.255.255.255', '::1', '::ffff:127.0.0.1', '64:ff9b::7f00:1'],
  [/unspecified/, '0.0.0.0', '0.255.255.255', '::', '::ffff:0.0.0.0'],
  [/private/, '10.0.0.0', '10.255.255.255', '172.16.0.0', '172.31.255.255', '192.168.0.0', '192.168.255.255'],
  [
    /private/,
    'fc00::',
    'fdff:ffff::1',
    'fec0::1',
    '2002:a00:1::',
    '2002:c0a8:101::5',
    '64:ff9b::192.168.1.1',
  ],
  [/link/, '169.254.0.0', '169.254.255.255', 'fe80::1', 'fe80::1%lo', 'febf::1', '::ffff:a9fe:1'],
  [
    /metadata/,
    '169.254.169.254',
    '::ffff:169.254.169.254',
    '100.100.100.200',
    '168.63.129.16',
    'fd00:ec2::254',
  ],
  [/shared/, '100.64.0.0', '100.127.255.255', '2002:6440::1'],
  [/multicast/, '224.0.0.0', '239.255.255.255', 'ff02::1', 'ff0e::1'],
  [/documentation/, '192.0.2.1', '198.51.100.255', '203.0.113.0', '2001:db8::1', '3fff:fff::1'],
  [/benchmark/, '198.18.0.0', '198.19.255.255', '2001:2::1'],
  [/broadcast/, '255.255.255.255'],
  [/reserved/, '240.0.0.0', '192.0.0.1', '192.88.99.1', '64:ff9b:1::1', '100::1', '::10.0.0.1', '::8.8.8.8'],
  // Teredo, with a public server, of the client 10.0.0.1.
  [/reserved/, '2001:0:808:808:0:0:f5ff:fffe', '2001::1', '4000::1', '1fff::1', '5f00::1', 'fe00::1'],
];
for (const [purpose, ...addresses] of special)
  test(`${addresses.join(', ')}: not of the public internet`, () => {
    for (const address of addresses) assert.match(purposeOf(address) ?? 'public', purpose, address);
  });

test('public addresses are not refused, be they next to a network that is', () => {
  const addresses = [
    ...[
      '1.0.0.0',
      '8.8.8.8',
      '9.255.255.255',
      '11.0.0.0',
      '100.63.255.255',
      '100.128.0.0',
      '126.255.255.255',
    ],
    ...[
      '128.0.0.0',
      '169.253.255.255',
      '169.255.0.0',
      '172.15.255.255',
      '172.32.0.0',
      '192.0.1.0',
      '192.0.3.0',
    ],
    ...['192.167.255.255', '192.169.0.0', '198.17.255.255', '198.20.0.0', '203.0.114.0', '223.255.255.255'],
    ...['2000::', '2001:200::1', '2606:4700::1111', '2a00:1450::1', '2001:db9::1', '3ffe::1', '3fff:1000::1'],
    ...['::ffff:8.8.8.8', '64:ff9b::8.8.8.8', '2002:808:808::1'],
  ];
  for (const address of addresses) assert.equal(purposeOf(address), null, address);
});

test('an IPv4 address is refused or not however it is written as IPv6', () => {
  fc.assert(
    fc.property(fc.ipV4(), (ipv4) => {
      const [a, b, c, d] = ipv4.split('.').map(Number) as [number, number, number, number];
      const hex = `${((a << 8) | b).toString(16)}:${((c << 8) | d).toString(16)}`;
      for (const ipv6 of [`::ffff:${ipv4}`, `::ffff:${hex}`, `64:ff9b::${hex}`, `2002:${hex}::1`])
        assert.equal(purposeOf(ipv6), purposeOf(ipv4), ipv6);
    }),
    { numRuns: 2_000 },
  );
});
