import assert from 'node:assert/strict';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import { openRows, type Row, type RowPlace } from '../../src/rows/index.ts';

function file(name: string, content: string | Buffer): string {
  const path = join(mkdtempSync(join(tmpdir(), 'abreast-rows-')), name);
  writeFileSync(path, content);
  return path;
}

async function read(place: RowPlace | readonly RowPlace[], count?: number): Promise<Row[]> {
  const rows = await openRows([place].flat(), count);
  const all = await taken(rows);
  if (rows.failure) throw rows.failure;
  assert.equal(rows.taken, all.length);
  assert.equal(rows.total, all.length);
  return all;
}

async function taken(rows: AsyncIterable<Row>): Promise<Row[]> {
  const all: Row[] = [];
  for await (const row of rows) all.push(row);
  return all;
}

/** A stream that comes in these chunks. */
async function* chunks(...texts: readonly (string | Buffer)[]): AsyncGenerator<Buffer> {
  for (const text of texts) yield Buffer.from(text as string);
}

test('text gives a URL a line: without byte order mark, CR, blank lines and comments', async () => {
  const path = file('urls.txt', '\ufeffhttps://a/\r\n\r\n# not now\nhttps://b/ü\n  https://c/  \nhttps://d/');
  assert.deepEqual(await read({ file: path }), ['https://a/', 'https://b/ü', 'https://c/', 'https://d/']);
});

test('a line may end with CR, LF or CRLF, and with each of them in one file', async () => {
  const ends = ['\r', '\n', '\r\n'];
  for (const [first, second, third] of ends.flatMap((one) =>
    ends.flatMap((two) => ends.map((three) => [one, two, three])),
  )) {
    const shown = JSON.stringify([first, second, third]);
    const lines = (...texts: string[]) => `\ufeff${texts[0]}${first}${texts[1]}${second}${texts[2]}${third}`;
    const text = file('u.txt', lines('https://a/', '# no', 'https://b/'));
    assert.deepEqual(await read({ file: text }), ['https://a/', 'https://b/'], shown);
    const jsonl = file('u.jsonl', lines('{"url":"https://a/","n":1}', '"https://b/"', '"https://c/"'));
    const row = { url: 'https://a/', data: { n: 1 } };
    assert.deepEqual(await read({ file: jsonl }), [row, 'https://b/', 'https://c/'], shown);
    const csv = file('u.csv', lines('url,n', 'https://a/,"1\r2\n3\r\n"', 'https://b/,4'));
    const rows = [
      { url: 'https://a/', data: { n: '1\r2\n3\r\n' } },
      { url: 'https://b/', data: { n: '4' } },
    ];
    assert.deepEqual(await read({ file: csv }), rows, shown);
  }
});

test('a fault in a file whose lines end with CR is told with its line', async () => {
  await assert.rejects(read({ file: file('u.txt', 'https://a/\r\rb\0c\r') }), /u\.txt:3: this is not UTF-8/);
  const jsonl = file('u.jsonl', '"https://a/"\r"https://b/"\r\n{"url"\r');
  await assert.rejects(read({ file: jsonl }), /u\.jsonl:3: this is not JSON/);
  const csv = file('u.csv', 'url,n\rhttps://a/,1\rhttps://b/\r');
  await assert.rejects(read({ file: csv }), /u\.csv:3: this is not CSV/);
});

test('text comes out the same wherever its chunks are cut', async () => {
  const text = Buffer.from('\ufeffhttps://a/ü\r\nhttps://b/€\r\rhttps://c/\r');
  const cuts = fc.uniqueArray(fc.integer({ min: 1, max: text.length - 1 }), { maxLength: 5 });
  await fc.assert(
    fc.asyncProperty(cuts, async (places) => {
      const ends = [...places.sort((one, other) => one - other), text.length];
      const parts = ends.map((end, i) => text.subarray(ends[i - 1] ?? 0, end));
      const rows = await read({ stream: chunks(...parts), name: 'standard input' });
      assert.deepEqual(rows, ['https://a/ü', 'https://b/€', 'https://c/']);
    }),
  );
});

test('CSV gives the column named url, and the others as data', async () => {
  const path = file('s.csv', '\ufeffname,url\r\n"a, ""b""",https://a/\r\nc,https://c/\r\n');
  assert.deepEqual(await read({ file: path }), [
    { url: 'https://a/', data: { name: 'a, "b"' } },
    { url: 'https://c/', data: { name: 'c' } },
  ]);
  const tabs = file('s.tsv', 'link\tn\nhttps://a/\t1\n');
  assert.deepEqual(await read({ file: tabs, column: 'link' }), [{ url: 'https://a/', data: { n: '1' } }]);
});

test('JSON Lines gives objects by column, and bare strings', async () => {
  const path = file(
    's.jsonl',
    '{"link":"https://a/","n":1}\n\n{"n":[2],"link":"https://b/"}\n"https://c/"\n',
  );
  assert.deepEqual(await read({ file: path, column: 'link' }), [
    { url: 'https://a/', data: { n: 1 } },
    { url: 'https://b/', data: { n: [2] } },
    'https://c/',
  ]);
});

test('a key or a column may be called as something that every object has', async () => {
  const line = '{"constructor":"https://a/","__proto__":1,"toString":2}';
  const jsonl = await read({ file: file('o.jsonl', `${line}\n`), column: 'constructor' });
  assert.equal(JSON.stringify(jsonl), '[{"url":"https://a/","data":{"__proto__":1,"toString":2}}]');
  const csv = await read({
    file: file('o.csv', 'constructor,toString\nhttps://a/,2\n'),
    column: 'constructor',
  });
  assert.equal(JSON.stringify(csv), '[{"url":"https://a/","data":{"toString":"2"}}]');
});

test('a stream with a column is JSON Lines where it begins with a brace, else CSV', async () => {
  const jsonl = { stream: chunks(' {"u":"https://a/"}\n'), name: 'standard input', column: 'u' };
  assert.deepEqual(await read(jsonl), [{ url: 'https://a/', data: {} }]);
  const csv = { stream: chunks('n,u\n1,https:', '//a/\n'), name: 'standard input', column: 'u' };
  assert.deepEqual(await read(csv), [{ url: 'https://a/', data: { n: '1' } }]);
});

test('places are read one after the other', async () => {
  const path = file('urls.txt', 'https://b/\n');
  const stream = { stream: chunks('https://c/\n'), name: 'standard input' };
  assert.deepEqual(await read([{ list: ['https://a/'] }, { file: path }, stream]), [
    'https://a/',
    'https://b/',
    'https://c/',
  ]);
});

test('a count goes round as often as it takes, and stops in the middle', async () => {
  const path = file('urls.txt', 'https://b/\nhttps://c/\n');
  const stream = () => ({ stream: chunks('https://d/\n', 'https://e/\n'), name: 'standard input' });
  const list = { list: ['https://a/'] };
  assert.deepEqual(
    await read([list, { file: path }, stream()], 7),
    'abcdeab'.split('').map((letter) => `https://${letter}/`),
  );
  assert.deepEqual(await read([list, { file: path }], 2), ['https://a/', 'https://b/']);
  assert.deepEqual(await read([list, { list: ['https://x/'] }], 3), [
    'https://a/',
    'https://x/',
    'https://a/',
  ]);
  const many = await read([list], 50_000);
  assert.equal(many.length, 50_000);
});

test('a header line without rows, and JSON Lines without a line, are no URLs and no fault', async () => {
  const none = [
    file('h.csv', 'name,url\n'),
    file('h.tsv', 'url'),
    file('e.jsonl', ''),
    file('e.jsonl', '\n\n'),
  ];
  for (const path of none) assert.deepEqual(await read({ file: path }), [], path);
  const header = { stream: chunks('url,n\n'), name: 'standard input', column: 'url' };
  assert.deepEqual(await read([header, { list: ['https://a/'] }]), ['https://a/']);
  // Going round them would never give the URLs that are wanted.
  for (const path of none) await assert.rejects(read({ file: path }, 3), /there is no URL in it/);
});

test('what is wrong at the beginning is found at once: name, line and what to do', async () => {
  const cases: readonly [place: RowPlace, message: RegExp][] = [
    [{ file: '/nowhere/urls.txt' }, /^\/nowhere\/urls\.txt: there is no such file/],
    [{ file: tmpdir() }, /this is a folder/],
    [{ file: file('e.txt', '') }, /e\.txt: there is no URL in it/],
    [{ file: file('e.txt', '\n# nothing\n') }, /there is no URL in it/],
    [{ file: file('e.csv', '\n\n') }, /there is no URL in it/],
    [{ file: file('e.csv', 'link\n') }, /e\.csv:1: there is no column "url"/],
    [{ file: file('b.txt', Buffer.from('https://a/\nb\0c\n')) }, /b\.txt:2: this is not UTF-8 text/],
    [{ file: file('b.txt', Buffer.from([0x61, 0x0a, 0xff, 0x0a])) }, /b\.txt:2: this is not UTF-8 text/],
    [
      { file: file('u.txt.gz', Buffer.from([0x1f, 0x8b, 8, 0, 0])) },
      /Unpack it first: gzip -dc .*u\.txt\.gz \|/,
    ],
    [
      { file: file('c.csv', 'name,link\na,b\n') },
      /c\.csv:1: there is no column "url"\. It has: name, link\. .*--column/,
    ],
    [{ file: file('c.csv', 'url,url\na,b\n') }, /c\.csv:1: two columns are named "url"/],
    [{ file: file('c.csv', 'url,n\nhttps://a/,1\nhttps://b/\n') }, /c\.csv:3: this is not CSV/],
    [{ file: file('c.csv', Buffer.from('url\nhttps://a\0/\n')) }, /c\.csv:\d: this is not UTF-8 text/],
    [{ file: file('j.jsonl', '{"url":"https://a/"}\n{"url":\n') }, /j\.jsonl:2: this is not JSON/],
    [
      { file: file('j.jsonl', '{"a":1,"b":2}\n') },
      /j\.jsonl:1: there is no key "url"\. It has: a, b\. .*--column/,
    ],
    [
      { file: file('j.jsonl', '{"a":1}\n'), column: 'constructor' },
      /j\.jsonl:1: there is no key "constructor"\. It has: a\./,
    ],
    [
      { file: file('c.csv', 'name,link\na,b\n'), column: 'constructor' },
      /c\.csv:1: there is no column "constructor"/,
    ],
    [{ file: file('c.csv', 'url,__proto__\na,b\n') }, /c\.csv:1: a column can't be named "__proto__"/],
    [{ file: file('j.jsonl', '{"url":7}\n') }, /j\.jsonl:1: "url" must be a string with a URL, not 7/],
    [{ file: file('j.json', '["https://a/"]\n') }, /jq -c '\.\[\]' makes them/],
    [
      {
        file: file(
          'j.jsonl',
          `{"url":"https://a/"}\n{"url":"https://b/","d":${'['.repeat(100_000)}${']'.repeat(100_000)}}\n`,
        ),
      },
      /j\.jsonl:2: arrays and objects are nested more than 1000 deep\.$/,
    ],
    [
      { file: file('j.jsonl', `{"url":${'['.repeat(100_000)}${']'.repeat(100_000)}}\n`) },
      /j\.jsonl:1: arrays and objects are nested more than 1000 deep\.$/,
    ],
    [{ file: file('j.jsonl', '5\n') }, /j\.jsonl:1: a JSON object or string is wanted, not 5/],
  ];
  for (const [place, message] of cases) await assert.rejects(read(place), { name: 'InputError', message });
});

test('what is wrong later ends the rows: those before are good, and failure says why', async () => {
  const rows = await openRows([
    { stream: chunks('https://a/\n', 'https://b/\n', '\0\n'), name: 'standard input' },
  ]);
  assert.deepEqual(await taken(rows), ['https://a/', 'https://b/']);
  assert.match(rows.failure!.message, /^standard input:3: this is not UTF-8 text/);
});

test('rows are read as they are taken, at most a batch ahead', async () => {
  let given = 0;
  async function* endless(): AsyncGenerator<Buffer> {
    for (;;) {
      given++;
      yield Buffer.from('https://a/\n'.repeat(1000));
    }
  }
  const rows = await openRows([{ stream: endless(), name: 'standard input' }]);
  let count = 0;
  for await (const _ of rows) if (++count === 2500) break;
  assert.equal(given, 4);
});

test('of a long file it is known about how many rows there are, before all are read', async () => {
  const path = file('urls.txt', 'https://example.test/0123456789\n'.repeat(200_000));
  const rows = await openRows([{ file: path }]);
  let taken = 0;
  for await (const _ of rows) {
    if (++taken < 50_000) continue;
    assert.equal(rows.total, null);
    assert.ok(Math.abs(rows.estimate! - 200_000) < 60_000, String(rows.estimate));
    break;
  }
});
