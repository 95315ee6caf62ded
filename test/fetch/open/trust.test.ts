import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer as createTcpServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import tls from 'node:tls';
import type { FetchError } from '../../../src/fetch/errors.ts';
import { handshakeError } from '../../../src/fetch/open/tls-error.ts';
import { Trust } from '../../../src/fetch/open/trust.ts';
import { parseTarget } from '../../../src/fetch/target.ts';
import { type CertificateOptions, certificate, type Pair } from '../certificates.ts';

/** The host's own settings have no part in a test. */
const NOTHING: NodeJS.ProcessEnv = {};

async function serve(t: TestContext, pair: Pair, options: tls.TlsOptions = {}): Promise<number> {
  const server = tls.createServer({ ...pair, ...options }, (socket) => socket.on('error', () => {}));
  server.on('tlsClientError', () => {});
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => server.close());
  return (server.address() as AddressInfo).port;
}

/** What a handshake with https://host:port comes to: null when the peer is trusted. */
function shake(trust: Trust, host: string, port: number): Promise<FetchError | null> {
  const target = parseTarget(`https://${host}:${port}/`);
  const { promise, resolve } = Promise.withResolvers<FetchError | null>();
  const socket = tls.connect({
    host: '127.0.0.1',
    port,
    ...trust.connectOptions(target, trust.curves.of(target.origin)),
  });
  socket.once('error', (error) => resolve(handshakeError(error, target)));
  socket.once('secureConnect', () => resolve(trust.check(socket, target)));
  return promise.finally(() => socket.destroy());
}

const leaf = await certificate({ commonName: 'leaf', names: ['a.test'], addresses: ['127.0.0.1'] });
const authority = await certificate({ commonName: 'House authority', isAuthority: true });
const signed = await certificate({ commonName: 'signed', names: ['a.test'], issuer: authority });

test('a stranger is tls-untrusted, with the issuer and the options that would help', async (t) => {
  const port = await serve(t, leaf);
  const error = await shake(new Trust({}, NOTHING), 'a.test', port);
  assert.equal(error?.code, 'tls-untrusted');
  assert.match(
    error.message,
    /https:\/\/a\.test:\d+: the certificate \("leaf"\) is signed by itself .*tls\.ca.*tls\.insecure/,
  );
  const other = await shake(new Trust({}, NOTHING), 'a.test', await serve(t, signed));
  assert.equal(other?.code, 'tls-untrusted');
  assert.match(other.message, /issuer, "House authority", is not among those known here.*tls\.ca/);
});

test('--cacert is trusted, and nobody else', async (t) => {
  const trust = new Trust({ ca: authority.cert }, NOTHING);
  assert.equal(await shake(trust, 'a.test', await serve(t, signed)), null);
  const error = await shake(trust, 'a.test', await serve(t, leaf));
  assert.match(error!.message, /not among those of tls\.ca/);
});

test('--insecure trusts a stranger, an expired one and one for another host', async (t) => {
  const trust = new Trust({ insecure: true }, NOTHING);
  const expired = await certificate({ commonName: 'old', to: new Date(Date.now() - 1), from: new Date(0) });
  assert.equal(await shake(trust, 'a.test', await serve(t, leaf)), null);
  assert.equal(await shake(trust, 'a.test', await serve(t, expired)), null);
  assert.equal(await shake(trust, 'b.test', await serve(t, leaf)), null);
});

test('a certificate out of its time is tls-expired, with the day', async (t) => {
  const times = {
    old: [new Date(0), new Date('2020-03-04')],
    early: [new Date('2090-03-04'), new Date('2091-01-01')],
  };
  const make = (commonName: 'old' | 'early') =>
    certificate({ commonName, names: ['a.test'], from: times[commonName][0]!, to: times[commonName][1]! });
  const [old, early] = [await make('old'), await make('early')];
  const trust = new Trust({ ca: `${old.cert}\n${early.cert}` }, NOTHING);
  const past = await shake(trust, 'a.test', await serve(t, old));
  assert.equal(past?.code, 'tls-expired');
  assert.match(past.message, /"old"\) expired on 2020-03-04/);
  const future = await shake(trust, 'a.test', await serve(t, early));
  assert.equal(future?.code, 'tls-expired');
  assert.match(future.message, /"early"\) holds only from 2090-03-04.*clock/);
});

test('a certificate for others is tls-wrong-host, with their names; an address is checked like a name', async (t) => {
  const trust = new Trust({ ca: leaf.cert }, NOTHING);
  const port = await serve(t, leaf);
  const error = await shake(trust, 'b.test', port);
  assert.equal(error?.code, 'tls-wrong-host');
  assert.match(error.message, /the certificate is for a\.test, 127\.0\.0\.1, not for b\.test/);
  assert.equal(await shake(trust, '127.0.0.1', port), null);
  assert.equal((await shake(trust, '127.0.0.2', port))?.code, 'tls-wrong-host');
});

test("the system's authorities are trusted beside Node's", async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'abreast-trust-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const bundle = join(folder, 'bundle.crt');
  writeFileSync(bundle, `# the house\n${authority.cert}\n${tls.rootCertificates.slice(0, 3).join('\n')}\n`);
  const port = await serve(t, signed);
  assert.equal(await shake(new Trust({}, NOTHING, ['/no/such', bundle]), 'a.test', port), null);
  assert.equal((await shake(new Trust({}, NOTHING, ['/no/such']), 'a.test', port))?.code, 'tls-untrusted');
});

test('SSL_CERT_FILE and SSL_CERT_DIR stand in place of the other authorities', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'abreast-trust-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const hashed = join(folder, 'hashed');
  mkdirSync(hashed);
  writeFileSync(join(folder, 'ca.pem'), `a comment\n${authority.cert}`);
  writeFileSync(join(hashed, '0123abcd.0'), leaf.cert);
  const port = await serve(t, signed);
  const file = new Trust({}, { SSL_CERT_FILE: join(folder, 'ca.pem') });
  assert.equal(await shake(file, 'a.test', port), null);
  assert.match(
    (await shake(file, 'a.test', await serve(t, leaf)))!.message,
    /not among those of SSL_CERT_FILE=/,
  );
  const directory = new Trust({}, { SSL_CERT_DIR: `${folder}/none:${hashed}` });
  assert.equal(await shake(directory, 'a.test', await serve(t, leaf)), null);
  const gone = await shake(new Trust({}, { SSL_CERT_FILE: '/no/such.pem' }), 'a.test', port);
  assert.match(gone!.message, /SSL_CERT_FILE=\/no\/such\.pem \(\/no\/such\.pem can't be read\)/);
});

test('a server that asks who we are is shown --cert', async (t) => {
  const us = await certificate({ commonName: 'us', issuer: authority });
  const port = await serve(t, signed, { requestCert: true, ca: authority.cert, maxVersion: 'TLSv1.2' });
  const ca = authority.cert;
  assert.equal(await shake(new Trust({ ca, ...us }, NOTHING), 'a.test', port), null);
  // curl takes both from one file too.
  assert.equal(await shake(new Trust({ ca, cert: `${us.cert}\n${us.key}` }, NOTHING), 'a.test', port), null);
  const error = await shake(new Trust({ ca }, NOTHING), 'a.test', port);
  assert.equal(error?.code, 'tls');
  assert.match(error.message, /wants to know who we are .*tls\.cert and tls\.key/);
});

test('options that can not be used are refused before the run, each with its reason', async () => {
  const refused = (options: ConstructorParameters<typeof Trust>[0], text: RegExp) =>
    assert.throws(() => new Trust(options, NOTHING), { name: 'TypeError', message: text });
  refused({ ca: 'nothing' }, /--cacert .*no certificate in PEM form/);
  refused({ ca: leaf.cert.replace(/M/g, 'A') }, /--cacert .*not a certificate/);
  refused({ cert: leaf.cert }, /--key .*missing, and --cert has none in it/);
  refused({ key: leaf.key }, /--key .* without --cert/);
  refused({ cert: 'x', key: leaf.key }, /--cert .*not a certificate/);
  refused({ cert: leaf.cert, key: 'x' }, /--key .*no private key in PEM form/);
  refused({ cert: leaf.cert, key: authority.key }, /--key .*is not the key of the certificate .*leaf/);
});

test('what speaks no TLS, or ends the handshake, is said so', async (t) => {
  const plain = createTcpServer((socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'));
  const closing = createTcpServer((socket) => socket.destroy());
  for (const server of [plain, closing]) {
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    t.after(() => server.close());
  }
  const trust = new Trust({}, NOTHING);
  const error = await shake(trust, 'a.test', (plain.address() as AddressInfo).port);
  assert.equal(error?.code, 'tls');
  assert.match(error.message, /speaks no TLS; is it http:\/\/a\.test:\d+ \?/);
  const closed = await shake(trust, 'a.test', (closing.address() as AddressInfo).port);
  assert.equal(closed?.code, 'reset');
});

/** What can be wrong with a certificate, and the reason that a reader finds. */
const faults: readonly (readonly [what: string, Partial<CertificateOptions>, RegExp])[] = [
  ['with a key that is too short', { rsaBits: 1024 }, /its key of 1024 bits can be broken/],
  ['signed over SHA-1', { rsaBits: 2048, digest: 'sha1' }, /signed with SHA-1 or MD5, which can be forged/],
  ['for clients only', { isForClients: true }, /it is not for servers \(extended key usage\)/],
];
for (const [what, how, why] of faults)
  test(`a certificate ${what} is refused in plain words, not in OpenSSL's`, async (t) => {
    const rsa = await certificate({ commonName: 'House RSA', isAuthority: true, rsaBits: 2048 });
    const issuer = how.rsaBits === undefined ? authority : rsa;
    const pair = await certificate({ ...how, commonName: 'bad', names: ['a.test'], issuer });
    const port = await serve(t, pair, { ciphers: 'DEFAULT@SECLEVEL=0' });
    const error = await shake(new Trust({ ca: issuer.cert }, NOTHING), 'a.test', port);
    assert.equal(error?.code, 'tls-untrusted');
    assert.match(error.message, why);
    assert.match(
      error.message,
      /the certificate \("bad", issued by .*the server needs another one; tls\.insecure/,
    );
    assert.equal(await shake(new Trust({ insecure: true }, NOTHING), 'a.test', port), null);
  });

test('an authority with a key that is too short vouches for nobody, and the error says so', async (t) => {
  const weak = await certificate({ commonName: 'Weak', isAuthority: true, rsaBits: 1024 });
  const pair = await certificate({ commonName: 'bad', names: ['a.test'], issuer: weak, rsaBits: 2048 });
  const port = await serve(t, pair, { ciphers: 'DEFAULT@SECLEVEL=0' });
  const error = await shake(new Trust({ ca: weak.cert }, NOTHING), 'a.test', port);
  assert.match(error!.message, /the key of an authority that vouches for it can be broken/);
});

const noOpenssl =
  spawnSync('openssl', ['version']).status === 0
    ? false
    : 'needs openssl, to make an authority with name constraints: apt-get install openssl';

test('an authority that vouches for names that it may not is refused in plain words', {
  skip: noOpenssl,
}, async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'abreast-authority-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const at = (name: string) => join(folder, name);
  writeFileSync(at('leaf.ext'), 'subjectAltName=DNS:a.test');
  const openssl = (command: string) =>
    assert.equal(spawnSync('openssl', command.split(' '), { cwd: folder }).status, 0, command);
  const key = '-newkey rsa:2048 -nodes -keyout';
  openssl(
    `req -x509 ${key} ca.key -out ca.pem -subj /CN=Narrow -addext basicConstraints=critical,CA:TRUE -addext nameConstraints=critical,permitted;DNS:b.test`,
  );
  openssl(`req ${key} leaf.key -out leaf.csr -subj /CN=leaf`);
  openssl('x509 -req -in leaf.csr -CA ca.pem -CAkey ca.key -CAcreateserial -extfile leaf.ext -out leaf.pem');
  const pair = { cert: readFileSync(at('leaf.pem'), 'utf8'), key: readFileSync(at('leaf.key'), 'utf8') };
  const trust = new Trust({ ca: readFileSync(at('ca.pem')) }, NOTHING);
  const error = await shake(trust, 'a.test', await serve(t, pair));
  assert.equal(error?.code, 'tls-untrusted');
  assert.match(error.message, /its authority, "Narrow", may not vouch for such names \(name constraints\)/);
});
