import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { stringify } from 'yaml';
import { z } from 'zod';
import {
  checkDocument,
  DocumentError,
  faultyDocument,
  nearest,
  type Path,
  parseDocument,
  placeOf,
  sourceOf,
} from '../../src/document/index.ts';

const SCHEMA = z.strictObject({
  name: z.string(),
  list: z.array(z.union([z.int(), z.strictObject({ a: z.string() })])).optional(),
  map: z.record(z.string(), z.number()).optional(),
});

/** Text as people mistype it: pieces of YAML in any order. */
const mistyped = fc
  .array(
    fc.constantFrom(
      'name: x\n',
      'list:\n',
      '  - ',
      '1\n',
      '\t',
      '"',
      "'",
      '{',
      '}',
      '[',
      ']',
      '{{a}}',
      ': ',
      '&a ',
      '*a ',
      '<<: *a\n',
      '|\n',
      '  ',
      '\n',
      '#',
      '---\n',
      '? ',
      '!!x ',
      'é☃',
      '\0',
      '\r\n',
      '${A}',
    ),
    { maxLength: 14 },
  )
  .map((pieces) => pieces.join(''));

test('whatever a file holds, it is read or refused with places that are in it', () => {
  fc.assert(
    fc.property(fc.oneof(mistyped, fc.string({ unit: 'binary', maxLength: 40 })), (text) => {
      try {
        const document = parseDocument(text, 'a.yaml');
        const checked = checkDocument(document, SCHEMA);
        if ('faults' in checked) throw faultyDocument(document, checked.faults);
      } catch (error) {
        assert.ok(error instanceof DocumentError, `${JSON.stringify(text)}: ${(error as Error).stack}`);
        assert.doesNotMatch(error.message, /(?!\n)\p{Cc}/u, 'what a terminal would obey');
        const lines = text.split(/\r\n|\r|\n/);
        for (const [, line, column] of error.message.matchAll(/^a\.yaml:(\d+):(\d+): /gm)) {
          assert.ok(Number(line) <= lines.length, `${JSON.stringify(text)}: ${error.message}`);
          assert.ok(
            Number(column) <= lines[Number(line) - 1]!.length + 1,
            `${JSON.stringify(text)}: ${error.message}`,
          );
        }
      }
    }),
    { numRuns: 1000 },
  );
});

test('every text stands where it is said to stand', () => {
  const leaf = fc.stringMatching(/^[a-z][a-z: "'-]{0,20}[a-z]$/);
  const { tree } = fc.letrec((tie) => ({
    tree: fc.oneof(
      { maxDepth: 3 },
      leaf,
      fc.array(tie('tree'), { minLength: 1, maxLength: 3 }),
      fc.dictionary(fc.stringMatching(/^[a-z]{1,5}$/), tie('tree'), { minKeys: 1, maxKeys: 3 }),
    ),
  }));
  fc.assert(
    fc.property(tree, fc.boolean(), (value, flow) => {
      const text = flow ? JSON.stringify(value) : stringify(value, { lineWidth: 0 });
      const lines = text.split('\n');
      const document = parseDocument(text, 'a.yaml');
      for (const [path, word] of leavesOf(value)) {
        const { line, column } = placeOf(document, path);
        const written = lines[line - 1]!.slice(column - 1);
        assert.ok(
          [word, JSON.stringify(word).slice(1, -1)].some((form) => written.startsWith(form)),
          `${text}: ${word}`,
        );
        assert.equal(sourceOf(document, path), word);
      }
    }),
  );
});

test('one letter more, less or other is still the nearest word', () => {
  const words = ['concurrency', 'perOrigin', 'timeout', 'retries', 'deadline'];
  fc.assert(
    fc.property(
      fc.constantFrom(...words),
      fc.nat(),
      fc.constantFrom('', 'x', '_'),
      fc.boolean(),
      (word, at, put, drop) => {
        const place = at % word.length;
        const typed = word.slice(0, place) + put + word.slice(place + (drop ? 1 : 0));
        assert.equal(nearest(typed, words), word);
      },
    ),
  );
  assert.equal(nearest('zzzzzz', words), null);
});

function leavesOf(value: unknown, path: Path = []): [Path, string][] {
  if (typeof value === 'string') return [[path, value]];
  const entries = Array.isArray(value) ? [...value.entries()] : Object.entries(value as object);
  return entries.flatMap(([key, inner]) => leavesOf(inner, [...path, key]));
}
