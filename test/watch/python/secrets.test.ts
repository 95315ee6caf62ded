import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { startServer, type TestServer } from '../../../src/testserver/index.ts';
import { interpreters } from './interpreters.ts';
import { all, program, watch } from './program.ts';

let server: TestServer;
before(async () => {
  server = await startServer({ httpsPort: false });
});
after(() => server.close());

for (const { version, path } of interpreters()) {
  test(`Python ${version}: no credential of an argument or URL is in the trace`, async () => {
    const env = {
      URL: `${server.httpUrl}/get?token=s3cr3t-one&q=shown&sig=s3cr3t-two&v=ghp_s3cr3tthreeABCDEF0123456`,
      N: '2',
    };
    const words = [
      '--token',
      's3cr3t-four',
      '-u',
      'me:s3cr3t-five',
      'API_KEY=s3cr3t-six',
      'https://me:s3cr3t-seven@h.test/',
      '--password=s3cr3t-eight',
      '-H',
      'Authorization: Bearer s3cr3t-nine',
    ];
    const watched = await watch([path, program('threads'), ...words], { env });
    assert.equal(all(watched, 'exchange').length, 2);
    assert.doesNotMatch(JSON.stringify(watched.traces), /s3cr3t/);
    assert.match(all(watched, 'exchange')[0]!.url!, /q=shown/);
  });
}
