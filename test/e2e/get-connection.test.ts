import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { bareServer, OK, says, testServer } from '../fetch/servers.ts';
import { abreast, folder, parsed } from './abreast.ts';
import { layReport } from './reports.ts';

test('a NO_PROXY that makes no sense does not go unsaid', async (t) => {
  const env = { http_proxy: await bareServer(t, says(OK)), no_proxy: '10.0.0.0/' };
  const { code, err } = await abreast(['get', 'http://10.0.0.1/get'], { env });
  assert.equal(code, 0, `it went through the proxy: ${err}`);
  assert.match(err, /no_proxy: '10\.0\.0\.0\/' is no host and no network, and exempts nothing/);
});

test('get --no-private and a report with blockPrivate connect to no private address', async (t) => {
  const url = await bareServer(t, () => assert.fail('connected'));
  const { code, out } = await abreast(['get', url, '--no-private']);
  assert.equal(code, 1);
  assert.equal(parsed(out)[0].error.code, 'blocked-address');

  const cwd = folder();
  const file = layReport(cwd, { url, count: 2, more: 'limits: { blockPrivate: true }' });
  assert.equal((await abreast(['report', file], { cwd })).code, 1);
  assert.match(
    readFileSync(join(cwd, 'faults.csv'), 'utf8'),
    /^0,,blocked-address,\s+1,,blocked-address,\s*$/m,
  );
});

test('curves that do not exist are bad input, for get and in a report by their line', async (t) => {
  const { httpsUrl } = await testServer(t);
  const get = (curves: string) => abreast(['get', `${httpsUrl}/get`, '-k', '--curves', curves]);
  assert.equal((await get('P-384')).code, 0);
  const { code, err } = await get('P-257');
  assert.equal(code, 2);
  assert.match(err, /--curves \(tls\.curves\): 'P-257' is no list of curves that this Node knows/);

  const cwd = folder();
  const report = (curves: string) =>
    writeFileSync(
      join(cwd, 'report.yaml'),
      `requests:\n  - name: gets\n    url: ${httpsUrl}/get\n    insecure: true\n    curves: ${curves}\n`,
    );
  report('P-384');
  assert.equal((await abreast(['report', 'report.yaml'], { cwd })).code, 0);
  report('P-257');
  const bad = await abreast(['report', 'report.yaml'], { cwd });
  assert.equal(bad.code, 2);
  assert.match(bad.err, /report\.yaml:5:13: .*names of curves that OpenSSL knows/);
});
