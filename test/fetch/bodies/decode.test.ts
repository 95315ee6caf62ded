import assert from 'node:assert/strict';
import { test } from 'node:test';
import zlib from 'node:zlib';
import { Body } from '../../../src/fetch/bodies/body.ts';
import { decode } from '../../../src/fetch/bodies/decode.ts';
import { bodyMemory } from '../memory.ts';

async function decoded(bytes: Buffer, encoding: string, maxBody = 64 * 1024 * 1024): Promise<Buffer> {
  const body = new Body(bodyMemory(maxBody));
  body.add(bytes, 0, bytes.length);
  return Buffer.from((await decode(body, encoding)).bytes());
}

const skippable = Buffer.concat([Buffer.from([0x50, 0x2a, 0x4d, 0x18, 4, 0, 0, 0]), Buffer.from('abcd')]);
const small = [Buffer.from('hello '), Buffer.from('world')] as const;
const large = [Buffer.alloc(1_500_000, 'ab'), Buffer.alloc(1_500_000, 'cd')] as const;

for (const [size, parts] of [
  ['small', small],
  ['large', large],
] as const) {
  const frames = parts.map((part) => zlib.zstdCompressSync(part));
  test(`no frame of a ${size} zstd body is lost`, async () => {
    assert.ok((await decoded(Buffer.concat(frames), 'zstd')).equals(Buffer.concat(parts)));
  });

  test(`a skippable frame before or after a ${size} zstd body loses nothing`, async () => {
    const bytes = Buffer.concat([skippable, ...frames, skippable]);
    assert.ok((await decoded(bytes, 'zstd')).equals(Buffer.concat(parts)));
  });

  for (const [coding, bytes] of [
    ['br', zlib.brotliCompressSync(parts[0])],
    ['zstd', frames[0]!],
    ['gzip', zlib.gzipSync(parts[0])],
    ['deflate', zlib.deflateSync(parts[0])],
  ] as const)
    test(`what follows the end of a ${size} ${coding} body is not passed over in silence`, async () => {
      const garbage = Buffer.concat([bytes, Buffer.from('garbage, and more of it')]);
      await assert.rejects(async () => decoded(garbage, coding), { code: 'bad-body' });
    });
}

for (const [coding, encode] of [
  ['br', zlib.brotliCompressSync],
  ['deflate', zlib.deflateSync],
] as const)
  test(`a second ${coding} stream behind the first is not taken for its continuation`, async () => {
    for (const parts of [small, large])
      await assert.rejects(async () => decoded(Buffer.concat(parts.map((part) => encode(part))), coding), {
        code: 'bad-body',
      });
  });

for (const name of ['constructor', '__proto__', 'toString', 'hasOwnProperty'])
  test(`content-encoding: ${name} is a coding that nobody knows, no function of JavaScript`, async () => {
    assert.equal((await decoded(small[0], name)).toString(), 'hello ');
  });

test('codings are undone from the last one on, up to the first that nobody knows', async () => {
  const bytes = zlib.gzipSync(zlib.brotliCompressSync(small[0]));
  assert.equal((await decoded(bytes, 'br, identity, GZIP')).toString(), 'hello ');
  assert.ok((await decoded(bytes, 'gzip, unheard-of')).equals(bytes));
});

test('a body that is encoded a hundred times is not worked on', async () => {
  const encoding = Array(100).fill('gzip').join(',');
  await assert.rejects(async () => decoded(small[0], encoding), { code: 'bad-body' });
});

test('a body does not swell beyond what one body may have', async () => {
  const bomb = zlib.gzipSync(Buffer.alloc(20_000_000));
  for (const max of [100_000, 10_000_000])
    await assert.rejects(async () => decoded(bomb, 'gzip', max), { code: 'body-too-large' });
});
