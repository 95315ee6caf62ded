/**
 * Run in a network namespace of its own: `scenarios.ts NAME` spoils the network there, GETs through it, and prints what
 * came of it.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Options } from '../../../src/fetch/index.ts';
import { Resolver } from '../../../src/fetch/names/index.ts';
import { startServer } from '../../../src/testserver/index.ts';
import { DnsServer } from '../names/dns-server.ts';
import { fetchAll, outcomes, times } from '../servers.ts';

/** What came of a scenario: how many results there are of each status or error. */
export type Outcome = Readonly<Record<string, number>>;

const command = (name: string, ...args: readonly string[]) =>
  execFileSync(name, args, { stdio: ['ignore', 'ignore', 'inherit'] });

/** From now on the kernel drops what matches one of these (nft(8)), and nothing else. */
function drop(...matches: readonly string[]): void {
  const chain = 'add table inet bad; add chain inet bad in { type filter hook input priority 0; };';
  const rules = matches.map((match) => `add rule inet bad in ${match} drop;`);
  command('nft', `flush ruleset; ${chain} ${rules.join(' ')}`);
}

/** @throws Error unless each URL has exactly one result, of the first attempt where `first` is set */
async function fetched(urls: readonly string[], options: Options = {}, first = true): Promise<Outcome> {
  const all: Options = { proxy: '', tls: { insecure: true }, concurrency: 10, connectTimeout: '5s' };
  const { results } = await fetchAll(urls, { ...all, ...options });
  const indexes = new Set(results.map(({ index }) => index));
  if (indexes.size !== urls.length || results.length !== urls.length)
    throw new Error(`${results.length} results of ${indexes.size} of ${urls.length} URLs`);
  if (first && results.some(({ attempts }) => attempts > 1)) throw new Error('some were tried again');
  return outcomes(results);
}

/** Servers at ::1 and 127.0.0.1, of the same ports, and names that lead to both, ::1 first. */
async function twoFamilies(count: number) {
  const { httpPort, httpsPort } = await startServer();
  await startServer({ host: '::1', httpPort: httpPort!, httpsPort: httpsPort! });
  const names = times(count, (i) => `h${i}.test`);
  const entries = names.flatMap((name) => [`${name}:${httpPort}`, `${name}:${httpsPort}`]);
  return {
    resolve: Object.fromEntries(entries.map((entry) => [entry, ['::1', '127.0.0.1']])),
    http: names.map((name) => `http://${name}:${httpPort}/get`),
    https: names.map((name) => `https://${name}:${httpsPort}/get`),
  };
}

async function flapping<T>(upMs: number, downMs: number, work: () => Promise<T>): Promise<T> {
  let over = false;
  const done = work().finally(() => {
    over = true;
  });
  while (!over) {
    await sleep(upMs);
    command('ip', 'link', 'set', 'lo', 'down');
    await sleep(downMs);
    command('ip', 'link', 'set', 'lo', 'up');
  }
  return done;
}

const SCENARIOS: Readonly<Record<string, () => Promise<Outcome>>> = {
  async 'ipv6-black-hole'() {
    const { resolve, http, https } = await twoFamilies(50);
    drop('ip6 daddr ::1');
    return fetched([...http, ...https], { resolve });
  },
  async 'short-packets-only'() {
    const { resolve, https } = await twoFamilies(10);
    drop('ip6 daddr ::1 meta length > 600');
    return fetched(https, { resolve, connectTimeout: '1s', protocol: 'http/1.1' }, false);
  },
  async 'packet-loss'() {
    const { httpUrl, httpsUrl } = await startServer();
    drop('numgen random mod 100 < 10');
    return fetched(times(200, (i) => `${i % 2 === 0 ? httpUrl : httpsUrl}/bytes/3000?i=${i}`));
  },
  async 'dns-packet-loss'() {
    const dns = await new DnsServer(() => ({ addresses: ['127.0.0.1'] })).start();
    const folder = mkdtempSync(join(tmpdir(), 'abreast-names-'));
    writeFileSync(join(folder, 'resolv.conf'), 'nameserver 127.0.0.1\n');
    writeFileSync(join(folder, 'nsswitch.conf'), 'hosts: dns\n');
    const paths = { resolvConf: join(folder, 'resolv.conf'), nsswitch: join(folder, 'nsswitch.conf') };
    const resolver = new Resolver({ paths, dnsPort: dns.port, ipv6: 'global' });
    const some = 'numgen random mod 100 < 15';
    drop(`udp dport ${dns.port} ${some}`, `udp sport ${dns.port} ${some}`);
    const found = await Promise.all(times(300, (i) => resolver.resolve(`h${i}.test`)));
    rmSync(folder, { recursive: true });
    return { found: found.length };
  },
  async 'flapping-link'() {
    const { httpUrl } = await startServer();
    const urls = times(150, (i) => `${httpUrl}/delay/0.1?i=${i}`);
    return flapping(400, 400, () => fetched(urls, { retries: 6 }, false));
  },
};

command('ip', 'link', 'set', 'lo', 'up');
console.log(JSON.stringify(await SCENARIOS[process.argv[2]!]!()));
process.exit();
