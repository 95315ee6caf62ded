import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { parseTarget, Targets } from '../../src/fetch/target.ts';

/** What parsing comes to: a target, or its error. */
function outcome(parse: (text: string) => unknown, text: string): unknown {
  try {
    return parse(text);
  } catch (error) {
    return (error as Error).message;
  }
}

const ORIGINS = [
  'http://a.test',
  'https://a.test',
  'https://a.test:443',
  'http://A.test',
  'http://[::1]:80',
  'http://u:p@a.test',
  'http://1.2.3',
];
const PIECES = [
  '/',
  '.',
  '..',
  '%2e',
  '%2E%2e',
  '%',
  '%20',
  ' ',
  '?',
  '#',
  'a',
  'é',
  '\\',
  '@',
  ':',
  '//',
  '\t',
  '|',
  "'",
  '"',
  '<',
];

test('a URL is read alike whether its origin is known or not', () => {
  const url = fc
    .tuple(fc.constantFrom(...ORIGINS), fc.array(fc.constantFrom(...PIECES), { maxLength: 8 }))
    .map(([origin, pieces]) => `${origin}${pieces.length > 0 ? '/' : ''}${pieces.join('')}`);
  fc.assert(
    fc.property(fc.array(url, { minLength: 1, maxLength: 10 }), (urls) => {
      const targets = new Targets();
      for (const text of urls)
        assert.deepEqual(
          outcome((text) => targets.parse(text), text),
          outcome(parseTarget, text),
          text,
        );
    }),
    { numRuns: 2000 },
  );
});

/** What the URL standard makes of a text: without name, password and fragment, which no request has. */
function byStandard(text: string): string {
  const url = new URL(text);
  url.username = '';
  url.password = '';
  return url.href.split('#', 1)[0]!;
}

test('after a known origin, whatever follows is read exactly as the URL standard reads it', () => {
  const anything = fc.string({
    unit: fc.oneof(fc.constantFrom(...PIECES), fc.string({ unit: 'binary', maxLength: 1 })),
  });
  const origin = fc.constantFrom('http://a.test', 'https://a.test:8443', 'http://[::1]');
  fc.assert(
    fc.property(origin, anything, (origin, rest) => {
      const targets = new Targets();
      targets.parse(origin);
      const text = `${origin}/${rest}`;
      const { href, path } = targets.parse(text);
      assert.equal(href, byStandard(text));
      assert.equal(href, origin + path);
    }),
    { numRuns: 20_000 },
  );
});

test('a plain path after a known origin costs no parsing', (t) => {
  const targets = new Targets();
  const known = targets.parse('http://a.test');
  t.mock.property(
    globalThis,
    'URL',
    class {
      constructor() {
        throw new Error('a URL is parsed');
      }
    } as unknown as typeof URL,
  );
  for (const path of ['/x', '/a/b.c;d=1?e=%20&f', '//x', '/?', '/x?'])
    assert.deepEqual(targets.parse(known.origin + path), { ...known, path, href: known.origin + path });
});

test('what is no URL of HTTP is told so, with what may be meant', () => {
  assert.throws(() => parseTarget('example.org/x'), {
    code: 'bad-url',
    message: /did you mean https:\/\/example\.org\/x/,
  });
  assert.throws(() => parseTarget('ftp://a.test/'), { code: 'bad-url', message: /'ftp:' is no scheme/ });
});
