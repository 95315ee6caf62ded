import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync } from 'node:fs';
import https from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import type { TlsOptions } from 'node:tls';
import { type CertificateOptions, certificate, type Pair } from '../certificates.ts';
import { bareServer, fetchOne, listening } from '../servers.ts';

const root = await certificate({ commonName: 'Root', isAuthority: true, rsaBits: 2048 });

function signed(commonName: string, issuer: Pair, more: Partial<CertificateOptions> = {}): Promise<Pair> {
  return certificate({ rsaBits: 2048, names: ['a.test'], ...more, commonName, issuer });
}

function chain(leaf: Pair, ...authorities: readonly Pair[]): Pair {
  return { key: leaf.key, cert: [leaf, ...authorities].map(({ cert }) => cert).join('\n') };
}

/** What a GET from a server that shows `pair` comes to, where `ca` alone is trusted: 'CODE: text', or null when it is good. */
async function told(t: TestContext, pair: Pair, options: TlsOptions = {}, ca = root): Promise<string | null> {
  const server = https.createServer({ ...pair, ...options }, (_, answer) => answer.end('good'));
  server.on('tlsClientError', () => {});
  const port = await listening(t, server);
  const { error } = await fetchOne(`https://a.test:${port}/`, {
    resolve: { [`a.test:${port}`]: ['127.0.0.1'] },
    tls: { ca: ca.cert },
    retries: 0,
    proxy: '',
  });
  return error && `${error.code}: ${error.message}`;
}

/** Servers and certificates that OpenSSL takes only when it is told that nothing needs to be safe. */
const UNSAFE = 'ALL:@SECLEVEL=0';

test('an authority between that the server leaves out is told as that, and with it all is well', async (t) => {
  const between = await signed('Between', root, { isAuthority: true });
  const leaf = await signed('leaf', between);
  assert.equal(await told(t, chain(leaf, between)), null);
  const text = await told(t, leaf);
  assert.match(
    text!,
    /^tls-untrusted: .*issuer, "Between", .*or the server leaves out the certificates between/,
  );
});

test('an authority between that has expired is named, not the certificate of the server', async (t) => {
  const past = { from: new Date(0), to: new Date('2020-03-04') };
  const between = await signed('Between', root, { isAuthority: true, ...past });
  const text = await told(t, chain(await signed('leaf', between), between));
  assert.match(text!, /^tls-expired: .*"Between"\) expired on 2020-03-04/);
});

test('an authority between that is signed over SHA-1 is refused in plain words', async (t) => {
  const between = await signed('Between', root, { isAuthority: true, digest: 'sha1' });
  const text = await told(t, chain(await signed('leaf', between), between), { ciphers: UNSAFE });
  assert.match(
    text!,
    /^tls-untrusted: .*it or an authority is signed with SHA-1 or MD5, which can be forged/,
  );
});

test('a certificate that was issued by one that is no authority is refused for that, not for its own purpose', async (t) => {
  const none = await signed('none', root);
  const text = await told(t, chain(await signed('leaf', none), none));
  assert.match(text!, /^tls-untrusted: .*"none" or an authority above may not vouch for servers/);
  assert.doesNotMatch(text!, /it is not for servers/);
});

for (const version of ['TLSv1', 'TLSv1.1'] as const)
  test(`a server that speaks only ${version} is told in plain words`, async (t) => {
    const only = { minVersion: version, maxVersion: version, ciphers: UNSAFE };
    const text = await told(t, await signed('leaf', root), only);
    assert.match(text!, /^tls: .*the server speaks only versions of TLS before 1\.2, which are not safe/);
  });

for (const [what, options] of [
  ['no cipher of TLS 1.2', { maxVersion: 'TLSv1.2', ciphers: 'NULL-SHA256:@SECLEVEL=0' }],
  ['no cipher of TLS 1.3', { minVersion: 'TLSv1.3', ciphers: 'TLS_AES_128_CCM_8_SHA256' }],
  ['no signature but SHA-1', { maxVersion: 'TLSv1.2', sigalgs: 'RSA+SHA1', ciphers: UNSAFE }],
] as const)
  test(`a server that has ${what} in common with us is told in plain words`, async (t) => {
    const text = await told(t, await signed('leaf', root), options);
    assert.match(
      text!,
      /^tls: .*no cipher, curve \(tls\.curves\) or signature in common .*SHA-1 is not safe/,
    );
  });

const noOpenssl =
  spawnSync('openssl', ['version']).status === 0
    ? false
    : 'needs openssl, to make certificates: apt-get install openssl';

/** A certificate for a.test that signs itself, as openssl makes it. */
function bySelf(...options: readonly string[]): Pair {
  const [key, cert] = ['key', 'cert'].map((name) => join(mkdtempSync(join(tmpdir(), 'abreast-tls-')), name));
  const names = ['-subj', '/CN=self', '-addext', 'subjectAltName=DNS:a.test'];
  const args = ['req', '-x509', '-nodes', '-keyout', key!, '-out', cert!, ...names, ...options];
  const { status, stderr } = spawnSync('openssl', args, { encoding: 'utf8' });
  assert.equal(status, 0, stderr);
  return { key: readFileSync(key!, 'utf8'), cert: readFileSync(cert!, 'utf8') };
}

test('a key of 512 bits is refused in plain words', { skip: noOpenssl }, async (t) => {
  const pair = bySelf('-newkey', 'rsa:512');
  const text = await told(t, pair, { ciphers: UNSAFE, maxVersion: 'TLSv1.2' }, pair);
  assert.match(text!, /^tls-untrusted: .*its key of 512 bits can be broken/);
});

test('nobody is asked whether a certificate was revoked, as the docs say', { skip: noOpenssl }, async (t) => {
  let asked = 0;
  const ocsp = await bareServer(t, () => asked++);
  const says = [`authorityInfoAccess=OCSP;URI:${ocsp}/`, `crlDistributionPoints=URI:${ocsp}/list.crl`];
  const pair = bySelf('-newkey', 'rsa:2048', ...says.flatMap((extension) => ['-addext', extension]));
  assert.equal(await told(t, pair, {}, pair), null);
  assert.equal(asked, 0);
  const page = readFileSync(new URL('../../../docs/get.md', import.meta.url), 'utf8');
  assert.match(page, /does not check whether a certificate was revoked/);
});
