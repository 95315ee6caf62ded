import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { buffer, text } from 'node:stream/consumers';
import { type TestContext, test } from 'node:test';
import type { Storage } from '../../src/storage/index.ts';
import { temporaryFolder } from '../folder.ts';

const bytes = (content: string) => Buffer.from(content);

/** What a name holds; null where it is not there. */
export async function held(storage: Storage, name: string): Promise<string | null> {
  const stream = await storage.read(name);
  return stream === null ? null : text(stream);
}

export async function names(storage: Storage, prefix = ''): Promise<string[]> {
  const found: string[] = [];
  for await (const name of storage.list(prefix)) found.push(name);
  return found;
}

/** The tests that every storage passes. `open` gives an empty one. `racy`: why two writers at once may both win. */
export function testContract(
  kind: string,
  open: (t: TestContext) => Promise<Storage>,
  skip: string | false,
  racy?: string,
) {
  const it = (title: string, run: (storage: Storage, t: TestContext) => Promise<void>) =>
    test(`${kind}: ${title}`, { skip }, async (t) => run(await open(t), t));

  it('what is written can be read; what is not there is null', async (storage) => {
    assert.equal(await storage.writeOnce('run/one.txt', bytes('one')), true);
    assert.equal(await held(storage, 'run/one.txt'), 'one');
    assert.equal(await held(storage, 'run/two.txt'), null);
    assert.equal(await held(storage, 'run'), null, 'a name that others begin with is no name');
    assert.equal(await held(storage, 'run/one.txt/deeper'), null);
  });

  it('a name is written once, and a second writer is told so', async (storage) => {
    assert.equal(await storage.writeOnce('a', bytes('first')), true);
    assert.equal(await storage.writeOnce('a', bytes('second')), false);
    assert.equal(await held(storage, 'a'), 'first');
  });

  it('of ten writers at once exactly one has written', async (storage) => {
    const writers = Array.from({ length: 10 }, (_, writer) =>
      storage.writeOnce('run/contested', bytes(`${writer}`)),
    );
    const won = (await Promise.all(writers)).flatMap((isFirst, writer) => (isFirst ? [`${writer}`] : []));
    if (racy === undefined) assert.equal(won.length, 1);
    assert.ok(won.includes((await held(storage, 'run/contested'))!), racy);
    assert.deepEqual(await names(storage), ['run/contested']);
  });

  it('write replaces', async (storage) => {
    await storage.write('a', bytes('first'));
    await storage.write('a', bytes('second'));
    assert.equal(await held(storage, 'a'), 'second');
  });

  it('a file is written as it is', async (storage, t) => {
    const path = join(temporaryFolder(t), 'large');
    const content = 'abcdefgh'.repeat(100_000);
    writeFileSync(path, content);
    assert.equal(await storage.writeOnce('large', { path }), true);
    assert.equal(await storage.writeOnce('large', { path }), false);
    assert.equal(await held(storage, 'large'), content);
    await storage.write('other', { path });
    assert.equal(await held(storage, 'other'), content);
  });

  it('a file of several parts is written once too', async (storage, t) => {
    const folder = temporaryFolder(t);
    const first = randomBytes(41_000_001);
    writeFileSync(join(folder, 'first'), first);
    writeFileSync(join(folder, 'second'), randomBytes(34_000_000));
    const writers = ['first', 'second'].map((file) =>
      storage.writeOnce(`contested`, { path: join(folder, file) }),
    );
    const won = (await Promise.all(writers)).filter(Boolean);
    if (racy === undefined) assert.equal(won.length, 1);
    await storage.write('large', { path: join(folder, 'second') });
    assert.equal(await storage.writeOnce('large', { path: join(folder, 'first') }), false);
    await storage.write('large', { path: join(folder, 'first') });
    assert.deepEqual(await buffer((await storage.read('large'))!), first);
  });

  it('nothing is something', async (storage) => {
    assert.equal(await storage.writeOnce('empty', bytes('')), true);
    assert.equal(await held(storage, 'empty'), '');
  });

  it('names are listed by their beginning, in the order of their bytes', async (storage) => {
    const all = ['run-2/a', 'run/b/1', 'run/b-1', 'run/b.txt', 'run/ä b+c&d=%41?.txt', 'run', 'x/run/y'];
    const apart = all.filter((name) => name !== 'run');
    for (const name of apart) await storage.write(name, bytes(name));
    const sorted = apart.toSorted((one, other) => Buffer.compare(bytes(one), bytes(other)));
    assert.deepEqual(await names(storage), sorted);
    assert.deepEqual(
      await names(storage, 'run/'),
      sorted.filter((name) => name.startsWith('run/')),
    );
    assert.deepEqual(await names(storage, 'run/b'), ['run/b-1', 'run/b.txt', 'run/b/1']);
    assert.deepEqual(await names(storage, 'run/b/'), ['run/b/1']);
    assert.deepEqual(await names(storage, 'nothing/'), []);
    for (const name of apart) assert.equal(await held(storage, name), name);
  });

  it('a name is removed, once and again', async (storage) => {
    await storage.write('run/a', bytes('a'));
    await storage.remove('run/a');
    await storage.remove('run/a');
    assert.equal(await held(storage, 'run/a'), null);
    assert.deepEqual(await names(storage), []);
  });

  it('a probe leaves nothing behind', async (storage) => {
    await storage.probe();
    assert.deepEqual(await names(storage), []);
  });

  it('a name that leaves its place is refused', async (storage) => {
    for (const name of ['../a', 'a/../../b', '/etc/passwd', 'a//b', '', '.hidden', 'a/.b', 'a\\b', 'a\0b'])
      await assert.rejects(() => storage.write(name, bytes('x')), TypeError, name);
  });
}
