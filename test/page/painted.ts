import assert from 'node:assert/strict';
import type { Page } from 'playwright-core';

/** The pixels of a canvas that have a colour of the page's theme. */
export interface Painted {
  readonly count: number;
  /** The x of the leftmost one. */
  readonly left: number;
  /** The middle of the longest line of them. */
  readonly longest: { readonly x: number; readonly y: number };
}

/** In the page: this project's tests know no DOM. The canvas is copied, because it must not be read itself too often. */
const PAINTED = `(selector, colour) => {
  const canvas = document.querySelector(selector);
  const probe = document.createElement('canvas').getContext('2d');
  probe.fillStyle = getComputedStyle(document.documentElement).getPropertyValue('--' + colour);
  probe.fillRect(0, 0, 1, 1);
  const [wanted] = new Uint32Array(probe.getImageData(0, 0, 1, 1).data.buffer);
  const { width, height } = canvas;
  const copy = Object.assign(document.createElement('canvas'), { width, height });
  const reader = copy.getContext('2d', { willReadFrequently: true });
  reader.drawImage(canvas, 0, 0);
  const pixels = new Uint32Array(reader.getImageData(0, 0, width, height).data.buffer);
  let count = 0, left = Infinity, run = 0, most = 0, longest = { x: 0, y: 0 };
  for (let at = 0; at < pixels.length; at++) {
    if (at % width === 0) run = 0;
    if (pixels[at] !== wanted) { run = 0; continue; }
    count++;
    left = Math.min(left, at % width);
    if (++run > most) { most = run; longest = { x: (at % width) - run / 2, y: Math.floor(at / width) }; }
  }
  return new Promise((resolve) => requestAnimationFrame(() => resolve({ count, left, longest })));
}`;

/** Longer than any picture takes on a busy machine. */
const LONGEST_MS = 60_000;

/** Waits, frame by frame, until the pixels of a colour are as expected: unless told otherwise, until there are some. */
export async function painted(
  page: Page,
  colour: string,
  isExpected: (found: Painted) => boolean = ({ count }) => count > 0,
  canvas = '#waterfall canvas',
): Promise<Painted> {
  const untilMs = performance.now() + LONGEST_MS;
  for (;;) {
    const found: Painted = await page.evaluate(
      `(${PAINTED})(${JSON.stringify(canvas)}, ${JSON.stringify(colour)})`,
    );
    if (isExpected(found)) return found;
    if (performance.now() > untilMs) assert.fail(`${canvas}, ${colour}: ${JSON.stringify(found)}`);
  }
}
