import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { connector } from '../../src/fetch/connector.ts';
import { type Options, type Result, startRun } from '../../src/fetch/index.ts';
import { Reputation, Resolver } from '../../src/fetch/names/index.ts';
import { Proxies } from '../../src/fetch/open/proxy.ts';
import { Trust } from '../../src/fetch/open/trust.ts';
import { startRunIn } from '../../src/fetch/start.ts';
import { system, type World } from '../../src/fetch/world.ts';
import { DnsServer, type Query, type Reply } from './names/dns-server.ts';
import { bareServer, fetchAll, fetchOne, OK, says, testServer } from './servers.ts';

const blockPrivate = { blockPrivate: true, proxy: '' } as const;

/** GETs on a host whose names are what `reply` and the text of its hosts file say. */
async function fetchWithNames(
  t: TestContext,
  urls: readonly string[],
  reply: (query: Query) => Reply,
  { hosts = '', ...options }: Options & { readonly hosts?: string } = {},
): Promise<Result[]> {
  const dns = await new DnsServer(reply).start();
  const folder = mkdtempSync(join(tmpdir(), 'abreast-names-'));
  const write = (name: string, text: string) => {
    writeFileSync(join(folder, name), text);
    return join(folder, name);
  };
  const paths = {
    hosts: write('hosts', hosts),
    resolvConf: write('resolv.conf', 'nameserver 127.0.0.1\n'),
    nsswitch: write('nsswitch.conf', 'hosts: files dns\n'),
  };
  const resolver = new Resolver({ paths, dnsPort: dns.port, ipv6: 'global' });
  const world: World = {
    ...system,
    network(settings, memory) {
      const proxies = new Proxies(settings.proxy);
      const context = { settings, resolver, reputation: new Reputation(), trust: new Trust({}), proxies };
      return { connect: connector(context, memory), proxies, close: () => resolver.close() };
    },
  };
  t.after(() => {
    dns.stop();
    rmSync(folder, { recursive: true });
  });
  const results: Result[] = [];
  const sink = { result: (result: Result) => void results.push(result) };
  await startRunIn(world, urls, sink, { ...blockPrivate, retries: 0, ...options }).finished;
  return results;
}

/** The public internet: whatever is connected to, it is a server of this test. Says which addresses were. */
function mockInternet(t: TestContext, url: string): readonly string[] {
  const addresses: string[] = [];
  const { connect } = net;
  t.mock.method(net, 'connect', (options: net.TcpNetConnectOpts) => {
    addresses.push(options.host!);
    return connect({ ...options, host: '127.0.0.1', port: Number(new URL(url).port) });
  });
  return addresses;
}

const SPELLINGS = [
  ...[
    '127.0.0.1',
    '127.1',
    '0x7f.1',
    '0x7f000001',
    '2130706433',
    '017700000001',
    '0177.0.0.01',
    '127.0.0.1.',
  ],
  ...[
    '0',
    '0.0.0.0',
    '%31%32%37.0.0.1',
    '１２７.0.0.1',
    '127。0。0。1',
    'localhost',
    'a.localhost',
    'LOCALHOST.',
  ],
  ...['[::1]', '[::]', '[0:0:0:0:0:0:0:1]', '[::ffff:127.0.0.1]', '[::ffff:7f00:1]', '[64:ff9b::7f00:1]'],
  ...[
    '[2002:7f00:1::]',
    '10.1',
    '192.168.1.1',
    '0xa9.0xfe.0xa9.0xfe',
    '169.254.169.254',
    '[fe80::1]',
    '[fd00::1]',
  ],
];

test('no spelling of a private address is connected to', async (t) => {
  const server = await testServer(t);
  const port = new URL(server.httpUrl!).port;
  const urls = SPELLINGS.map((host) => `http://${host}:${port}/get`);
  const { results, connections } = await fetchAll(urls, blockPrivate);
  for (const { url, error } of results) assert.equal(error?.code, 'blocked-address', url);
  assert.equal(connections.length, 0);
  const first = results.find(({ index }) => SPELLINGS[index] === '0x7f.1');
  assert.match(
    first!.error!.message,
    /no connection to 127\.0\.0\.1: 127\.0\.0\.1 is not public \(loopback\); leave out blockPrivate/,
  );
});

test('a blocked address is not tried again, and its origin is not given up as one that is down', async () => {
  const urls = Array.from({ length: 2_000 }, (_, i) => `http://127.0.0.1:9/${i}`);
  const { results } = await fetchAll(urls, { ...blockPrivate, concurrency: 50 });
  assert.equal(results.length, urls.length);
  assert.ok(results.every(({ error, attempts }) => error?.code === 'blocked-address' && attempts === 1));
});

test('a redirect, --resolve and --connect-to do not lead to a private address', async (t) => {
  const server = await testServer(t);
  const addresses = mockInternet(t, server.httpUrl!);
  const { port } = new URL(server.httpUrl!);
  const inside = encodeURIComponent(`http://[::ffff:127.0.0.1]:${port}/get`);
  const options: Options = {
    ...blockPrivate,
    resolve: { 'out.test:80': ['1.1.1.1'], 'in.test:80': ['fe80::1%lo'] },
    connectTo: { 'moved.test:80': `127.0.0.1:${port}` },
  };
  const urls = [`out.test/redirect-to?url=${inside}`, 'in.test/', 'moved.test/', 'out.test/get'];
  const { results } = await fetchAll(
    urls.map((url) => `http://${url}`),
    options,
  );
  const said = results
    .toSorted((a, b) => a.index - b.index)
    .map(({ error, status }) => error?.code ?? status);
  assert.deepEqual(said, ['blocked-address', 'blocked-address', 'blocked-address', 200]);
  assert.ok(addresses.every((address) => address === '1.1.1.1'));
});

test('hosts and name servers do not lead to a private address, in a zone or as an alias', async (t) => {
  const server = await testServer(t);
  const addresses = mockInternet(t, server.httpUrl!);
  const hosts = '10.0.0.1 a.test\nfe80::1%lo b.test\n::ffff:10.0.0.1 c.test\n';
  const reply = ({ type }: Query): Reply => ({
    aliases: ['inside.test'],
    addresses: type === 'A' ? ['169.254.169.254'] : ['fd00::1', '64:ff9b::a00:1'],
  });
  const urls = ['a', 'b', 'c', 'd'].map((name) => `http://${name}.test/`);
  const results = await fetchWithNames(t, urls, reply, { hosts });
  assert.deepEqual(
    results.map(({ error }) => error?.code),
    Array(4).fill('blocked-address'),
  );
  assert.deepEqual(addresses, []);
});

test('of the addresses of a name only the public ones are connected to', async (t) => {
  const server = await testServer(t);
  const addresses = mockInternet(t, server.httpUrl!);
  const reply: Reply = { addresses: ['10.0.0.1', '1.1.1.1', '127.0.0.1', '::1'] };
  const [result] = await fetchWithNames(t, ['http://a.test/get'], () => reply);
  assert.equal(result!.status, 200);
  assert.deepEqual(addresses, ['1.1.1.1']);
});

test('a name server that says something else each time does not get a private address connected to', async (t) => {
  const url = await bareServer(
    t,
    says(OK.replace('HTTP/1.1 200 OK\r\n', 'HTTP/1.1 200 OK\r\nconnection: close\r\n')),
  );
  const addresses = mockInternet(t, url);
  const clock = performance.now();
  let later = 0;
  t.mock.method(performance, 'now', () => clock + later);
  let asked = 0;
  const reply = (): Reply => ({ addresses: [asked++ % 2 === 0 ? '1.1.1.1' : '127.0.0.1'], ttl: 0 });
  // What was looked up for one request is no longer kept at the next.
  const outlive = () => {
    later += 6_000;
    return undefined;
  };
  const options: Options = { family: 4, concurrency: 1, onResponse: outlive, onError: outlive };
  const urls = Array.from({ length: 10 }, (_, i) => `http://a.test/${i}`);
  const results = await fetchWithNames(t, urls, reply, options);
  const codes = new Set(results.map(({ error, status }) => error?.code ?? status));
  assert.deepEqual([...codes].sort(), [200, 'blocked-address']);
  assert.deepEqual([...new Set(addresses)], ['1.1.1.1']);
});

test('a proxy at a private address is used, but not to reach an address or localhost', async (t) => {
  const proxy = await bareServer(t, says(OK));
  const options: Options = { blockPrivate: true, proxy };
  assert.equal((await fetchOne('http://a.test/', options)).status, 200);
  for (const host of ['127.0.0.1', '0x7f.1', '[::1]', 'localhost', '10.0.0.1', 'a.localhost'])
    for (const scheme of ['http', 'https'])
      assert.equal((await fetchOne(`${scheme}://${host}/`, options)).error?.code, 'blocked-address', host);
});

test('without the option private addresses are as good as any', async (t) => {
  const server = await testServer(t);
  assert.equal((await fetchOne(`${server.httpUrl}/get`, { proxy: '' })).status, 200);
  assert.throws(
    () => startRun([], { result() {} }, { blockPrivate: 1 as never }),
    /blockPrivate: 1 is not true or false/,
  );
});
