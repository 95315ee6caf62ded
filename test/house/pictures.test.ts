import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { animationOf, framesOf } from '../../scripts/pictures/animation.ts';
import { Screen } from '../../scripts/pictures/terminal.ts';
import { ROOT } from './checkout.ts';

const ESCAPE = '\u001b';

test('the terminal of the pictures shows what a terminal shows: lines over lines, erased ends, looks', () => {
  const screen = new Screen();
  screen.write(`one\r\n${ESCAPE}[1mtwo${ESCAPE}[22m!\r\n`);
  screen.write(`${ESCAPE}[1A\r${ESCAPE}[J${ESCAPE}[31mthree${ESCAPE}[39m`);
  assert.equal(screen.text(), 'one\nthree');
  assert.deepEqual(screen.lines()[1], [{ text: 'three', style: [31] }]);
  assert.throws(() => screen.write(`${ESCAPE}[5q`), /does not know ESC\[5q/);
});

test('an animation has a frame for each picture that differs, and the last one for who wants no motion', () => {
  const frames = framesOf(
    [
      [0, 'a < b\r\n'],
      [200, `${ESCAPE}[1A\r${ESCAPE}[J`],
      [210, 'a < b\r\n'],
      [500, 'c\r\n'],
    ],
    () => true,
  );
  assert.deepEqual(
    frames.map(({ atMs }) => atMs),
    [0, 500],
  );
  const svg = animationOf('program', frames, 20, 'A title');
  assert.equal(svg.match(/<g class="frame/g)!.length, 2);
  assert.match(svg, /a &lt; b/);
  assert.match(svg, /prefers-reduced-motion:reduce.*\.last\{visibility:visible\}/);
  assert.doesNotMatch(svg, /<script|href/);
});

test('the pictures of the documents are there, and name no place of the machine that made them', () => {
  for (const document of ['README.md', 'docs/view.md']) {
    const text = readFileSync(join(ROOT, document), 'utf8');
    for (const [, path] of text.matchAll(/!\[[^\]]*\]\(([^)]+)\)/g)) {
      const file = join(ROOT, document, '..', path!);
      assert.ok(existsSync(file), `${document}: ${path}`);
      if (file.endsWith('.svg'))
        assert.doesNotMatch(readFileSync(file, 'utf8'), /\/root\/|\/home\/|\/tmp\//, path);
    }
  }
});
