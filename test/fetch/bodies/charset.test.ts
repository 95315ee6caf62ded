import assert from 'node:assert/strict';
import { test } from 'node:test';
import { textOf, utf8Of } from '../../../src/fetch/bodies/charset.ts';

const TEXT = 'Müller & Söhne';
const LATIN1 = Buffer.from(TEXT, 'latin1');
const UTF8 = Buffer.from(TEXT);
const UTF16LE = Buffer.from(TEXT, 'utf16le');
const UTF16BE = Buffer.from(UTF16LE).swap16();

const html = (head: string) => Buffer.from(`${head}${TEXT}`, 'latin1');
const marked = (mark: number[], bytes: Buffer) => Buffer.concat([Buffer.of(...mark), bytes]);

const READ: ReadonlyArray<readonly [what: string, contentType: string | undefined, body: Buffer]> = [
  ['ISO-8859-1', 'application/xml; charset=iso-8859-1', LATIN1],
  ['a quoted charset', 'text/html ; Charset = "windows-1252" ; x=1', LATIN1],
  ['UTF-16 that says its order', 'application/ld+json;charset=utf-16be', UTF16BE],
  [
    'UTF-16 with a mark, whatever the header says',
    'text/csv; charset=utf-16le',
    marked([0xfe, 0xff], UTF16BE),
  ],
  ['UTF-16 with a mark alone', 'application/vnd.api+json', marked([0xff, 0xfe], UTF16LE)],
  ['UTF-8 with a mark', 'application/json; charset=iso-8859-1', marked([0xef, 0xbb, 0xbf], UTF8)],
  ['HTML that declares its charset', 'text/html', html('<meta charset="iso-8859-1">')],
  [
    'HTML that declares it as browsers learned first',
    'text/html',
    html('<META http-equiv=Content-Type content="text/html; charset=windows-1252">'),
  ],
  ['a declaration in a comment', 'text/html', html('<!-- <meta charset=koi8-r> --><meta charset=latin1>')],
  ['HTML whose header says more', 'text/html; charset=latin1', html('<meta charset=koi8-r>')],
  [
    'XML that declares its charset',
    'application/atom+xml',
    html('<?xml version="1.0" encoding="ISO-8859-1"?>'),
  ],
  [
    'a declaration of UTF-16 that can be read as ASCII',
    'text/html',
    Buffer.from(`<meta charset="utf-16">${TEXT}`),
  ],
  ['UTF-8', 'text/plain; charset=UTF8', UTF8],
  ['no charset', 'text/plain', UTF8],
  ['no content type', undefined, UTF8],
  ['a charset nobody knows', 'text/plain; charset=none', UTF8],
];

for (const [what, contentType, body] of READ)
  test(`a body is no other text than was sent: ${what}`, () => {
    const read = utf8Of(body, contentType);
    for (const text of [textOf(body, contentType), read.bytes.toString('utf8')])
      assert.equal(text.slice(-TEXT.length), TEXT);
  });

test('bytes that are no text, or of no known charset, do not become others', () => {
  const bytes = Buffer.of(0x89, 0x50, 0xff, 0xfe, 0xe4);
  for (const contentType of [
    'image/png; charset=iso-8859-1',
    'text/plain; charset=none',
    'text/plain',
    undefined,
  ])
    assert.equal(utf8Of(bytes, contentType).bytes, bytes, contentType);
  const begins = marked([0xff, 0xfe], bytes);
  assert.equal(utf8Of(begins, 'application/octet-stream').bytes, begins);
});

test('a charset that is not known, or not that of the bytes, is told by its name', () => {
  const faultOf = (contentType: string, body: Buffer) => utf8Of(body, contentType).fault;
  assert.equal(faultOf('text/plain; charset=klingon', LATIN1), "the charset 'klingon' is not known");
  assert.equal(faultOf('text/html', html('<meta charset=x-none>')), "the charset 'x-none' is not known");
  const cut = Buffer.of(0x82);
  assert.match(
    faultOf('text/plain; charset=shift_jis', cut)!,
    /^the bytes are not of the charset 'shift_jis'$/,
  );
  for (const named of ['text/csv', 'text/csv; charset=utf-8'])
    assert.match(faultOf(named, LATIN1)!, /^the bytes are not UTF-8/);
  assert.equal(faultOf('text/csv', UTF8), null);
  assert.equal(faultOf('application/octet-stream', LATIN1), null);
  assert.equal(faultOf('image/png; charset=klingon', LATIN1), null);
  assert.equal(faultOf('text/plain; charset=latin1', LATIN1), null);
});
