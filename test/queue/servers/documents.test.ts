import assert from 'node:assert/strict';
import { openServer } from '../../../src/queue/servers/open.ts';
import { onBoth } from '../servers.ts';

onBoth('of two processes that change a document at once, one has to look again', async (t, { url }) => {
  const [one, other] = await Promise.all([openServer(url), openServer(url)]);
  t.after(() => Promise.all([one.close(), other.close()]));
  const before = await one.documents.read('a');
  assert.equal(before.text, null);
  assert.equal(await one.documents.replace('a', before, 'first'), true);
  assert.equal(await other.documents.replace('a', before, 'second'), false, 'it is not new any more');
  const first = await other.documents.read('a');
  assert.equal(first.text, 'first');
  assert.equal(await other.documents.replace('a', first, 'second'), true);
  assert.equal(await one.documents.replace('a', first, null), false, 'nor is it the first');
  const second = await one.documents.read('a');
  assert.equal(await one.documents.replace('a', second, null), true);
  const gone = await one.documents.read('a');
  assert.equal(gone.text, null);
  assert.equal(await one.documents.replace('a', gone, 'first'), true);
  assert.equal(
    await one.documents.replace('a', first, 'again'),
    false,
    'the same text is not the same document',
  );
});

onBoth("each reading tells the server's clock", async (t, { url }) => {
  const { documents, ...server } = await openServer(url);
  t.after(() => server.close());
  const { nowUs } = await documents.read('a');
  assert.ok(Math.abs(nowUs / 1000 - Date.now()) < 10_000, `${nowUs}`);
  assert.ok((await documents.read('a')).nowUs >= nowUs);
});
