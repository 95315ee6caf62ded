import assert from 'node:assert/strict';
import { test } from 'node:test';
import { stripVTControlCharacters } from 'node:util';
import fc from 'fast-check';
import stringWidth from 'string-width';
import { tableLines } from '../../src/view/table.ts';

const columns = [
  { name: 'host', right: false },
  { name: 'n', right: true },
  { name: 'p99', right: true },
];

function plain(...args: Parameters<typeof tableLines>): string[] {
  return tableLines(...args).map(stripVTControlCharacters);
}

test('numbers stand to the right, text to the left, and what is not shown is counted', () => {
  const rows = [
    ['a.example', '7', '12.50'],
    ['日本', '1200', '0.25'],
  ];
  assert.deepEqual(plain({ columns, rows }, 1202), [
    'host          n    p99',
    'a.example     7  12.50',
    '日本       1200   0.25',
    '… and 1,200 more rows',
  ]);
});

test('wide text is cut, and columns without room are named', () => {
  const wide = Array.from({ length: 8 }, (_, at) => ({ name: `column${at}`, right: false }));
  const lines = plain({ columns: wide, rows: [wide.map(() => 'x'.repeat(40))] }, 1);
  assert.match(lines[1]!, /x… {2}x+…/);
  assert.match(lines.at(-1)!, /^… and columns column\d/);
});

test('whatever came over the wire, no line is wider than 80 columns, and none drives the terminal', () => {
  const cell = fc.string({ unit: 'binary', maxLength: 60 });
  const tables = fc.integer({ min: 1, max: 12 }).chain((width) =>
    fc.record({
      columns: fc.array(fc.record({ name: cell, right: fc.constant(false) }), {
        minLength: width,
        maxLength: width,
      }),
      rows: fc.array(fc.array(cell, { minLength: width, maxLength: width }), { maxLength: 4 }),
    }),
  );
  fc.assert(
    fc.property(tables, (table) => {
      for (const line of plain(table, table.rows.length)) {
        assert.ok(stringWidth(line) <= 80, line);
        assert.doesNotMatch(line, /\p{Cc}/u);
      }
    }),
  );
  assert.deepEqual(plain({ columns: columns.slice(0, 1), rows: [['a\u001b[31mb\nc']] }, 1), [
    'host',
    'a [31mb c',
  ]);
});
