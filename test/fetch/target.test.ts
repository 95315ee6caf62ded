import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { FetchError } from '../../src/fetch/errors.ts';
import { Targets, targetOf } from '../../src/fetch/target.ts';

test('a path after a known origin comes to what a URL parser makes of the whole', () => {
  const piece = fc.constantFrom(
    ...[
      'a',
      '/',
      '.',
      '..',
      '?',
      '#',
      '%',
      '%41',
      '%zz',
      ' ',
      'é',
      '\\',
      '\t',
      '\n',
      '|',
      '"',
      "'",
      '<',
      '{',
      ':',
      '@',
      '&',
      '=',
    ],
  );
  const origin = fc.constantFrom(
    'https://a.test',
    'http://127.0.0.1:8080',
    'HTTPS://A.test',
    'https://a.test:443',
    'https://u:p@a.test',
    'https:/a.test',
  );
  fc.assert(
    fc.property(
      origin,
      fc.array(piece, { maxLength: 6 }).map((pieces) => `/${pieces.join('')}`),
      (before, path) => {
        const targets = new Targets();
        targets.parse(`${before}/`);
        assert.deepEqual(targets.parse(before + path), targetOf(new URL(before + path)));
      },
    ),
    { numRuns: 5000 },
  );
});

test('a URL that does not parse is refused with the one that was meant', () => {
  const refusal = (text: string) => {
    try {
      new Targets().parse(text);
    } catch (error) {
      return error instanceof FetchError ? error.message : assert.fail();
    }
    return assert.fail(`${text} was taken`);
  };
  assert.match(refusal('example.org/path'), /did you mean https:\/\/example\.org\/path/);
  assert.match(refusal('ftp://example.org/'), /no scheme for a GET; use http: or https:/);
  assert.match(refusal(''), /is no URL/);
});
