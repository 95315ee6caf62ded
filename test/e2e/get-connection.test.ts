import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bareServer, OK, says } from '../fetch/servers.ts';
import { abreast } from './abreast.ts';

test('a NO_PROXY that makes no sense does not go unsaid', async (t) => {
  const env = { http_proxy: await bareServer(t, says(OK)), no_proxy: '10.0.0.0/' };
  const { code, err } = await abreast(['get', 'http://10.0.0.1/get'], { env });
  assert.equal(code, 0, `it went through the proxy: ${err}`);
  assert.match(err, /no_proxy: '10\.0\.0\.0\/' is no host and no network, and exempts nothing/);
});
