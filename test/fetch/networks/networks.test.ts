import assert from 'node:assert/strict';
import { execFile, spawnSync } from 'node:child_process';
import { type TestContext, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { Outcome } from './scenarios.ts';

/** As root, or where users may make namespaces. */
const flags = ['-n', '-Urn'].find(
  (some) => spawnSync('unshare', [some, 'sh', '-c', 'ip link set lo up && nft list ruleset']).status === 0,
);
const skip =
  flags === undefined &&
  'needs nft, and root or user namespaces: scripts/system.sh nft, then sudo -E npm test -- test/fetch/networks';

const program = fileURLToPath(new URL('scenarios.ts', import.meta.url));

/** What came of a scenario, in a network of its own. */
async function outcomeOf(t: TestContext, scenario: string): Promise<Outcome> {
  const args = [flags!, process.execPath, program, scenario];
  const { stdout } = await promisify(execFile)('unshare', args, { signal: t.signal });
  return JSON.parse(stdout);
}

test('an IPv6 black hole costs no name its answer, nor an attempt', { skip }, async (t) => {
  assert.deepEqual(await outcomeOf(t, 'ipv6-black-hole'), { 200: 100 });
});

test('a way that lets only short packets through is not tried again where there is another', {
  skip,
}, async (t) => {
  assert.deepEqual(await outcomeOf(t, 'short-packets-only'), { 200: 10 });
});

test('one packet of ten that is lost costs no answer, over HTTP/1.1 and TLS', { skip }, async (t) => {
  assert.deepEqual(await outcomeOf(t, 'packet-loss'), { 200: 200 });
});

test('name servers are heard though three of ten questions or answers are lost', { skip }, async (t) => {
  assert.deepEqual(await outcomeOf(t, 'dns-packet-loss'), { found: 300 });
});

test('a link that comes and goes costs no answer', { skip }, async (t) => {
  assert.deepEqual(await outcomeOf(t, 'flapping-link'), { 200: 150 });
});
