import type { Pen } from './pen.ts';

/** From where a text is placed down to its baseline, in pixels of a font of 12. */
const BASELINES: Readonly<Record<Pen['textBaseline'], number>> = {
  top: 11,
  hanging: 10,
  middle: 4,
  alphabetic: 0,
  ideographic: -3,
  bottom: -3,
};

interface State {
  readonly x: number;
  readonly y: number;
}

/**
 * Writes what painters paint as SVG. Colours are names of classes, so that a style sheet in the picture can have light
 * and dark ones. Nothing is clipped: painters paint within their area but for the ends of texts.
 */
export class SvgPen implements Pen {
  fillStyle: string | object = 'ink';
  strokeStyle: string | object = 'ink';
  lineWidth = 1;
  globalAlpha = 1;
  font = '';
  textAlign: Pen['textAlign'] = 'left';
  textBaseline: Pen['textBaseline'] = 'middle';
  readonly #elements: string[] = [];
  readonly #saved: State[] = [];
  #state: State = { x: 0, y: 0 };
  #path: string[] = [];
  #dashes: readonly number[] = [];

  /** The elements, one a line. */
  get text(): string {
    return this.#elements.join('\n');
  }

  /** Moves the origin of what is painted next. */
  translate(x: number, y: number): void {
    this.#state = { x: this.#state.x + x, y: this.#state.y + y };
  }

  fillRect(x: number, y: number, width: number, height: number): void {
    this.#add(`<rect class="${this.fillStyle}" ${this.#box(x, y, width, height)}/>`);
  }

  strokeRect(x: number, y: number, width: number, height: number): void {
    this.#add(`<rect class="line-${this.strokeStyle}" ${this.#box(x, y, width, height)}/>`);
  }

  fillText(text: string, x: number, y: number): void {
    if (text === '') return;
    const anchor = this.textAlign === 'right' ? ' text-anchor="end"' : '';
    this.#add(
      `<text class="${this.fillStyle}" x="${this.#x(x)}" y="${this.#y(y + BASELINES[this.textBaseline])}"${anchor}>${escapeXml(text)}</text>`,
    );
  }

  /** No font is known here: letters are taken to be about as wide as those of a system's font. */
  measureText(text: string): { readonly width: number } {
    const wide = text.match(/[A-Z0-9mw@%_…↻↪»]/g)?.length ?? 0;
    return { width: wide * 8 + (text.length - wide) * 6.4 };
  }

  beginPath(): void {
    this.#path = [];
  }

  moveTo(x: number, y: number): void {
    this.#path.push(`M${this.#x(x)} ${this.#y(y)}`);
  }

  /** A point in the middle of a level or an upright line is left out. */
  lineTo(x: number, y: number): void {
    const next = `L${this.#x(x)} ${this.#y(y)}`;
    const [last = '', before = ''] = [this.#path.at(-1), this.#path.at(-2)];
    if (last[0] === 'L' && isStraight(before, last, next)) this.#path.pop();
    this.#path.push(next);
  }

  rect(): void {}

  stroke(): void {
    if (this.#path.length === 0) return;
    const dashes = this.#dashes.length === 0 ? '' : ` stroke-dasharray="${this.#dashes.join(' ')}"`;
    this.#add(
      `<path class="line-${this.strokeStyle}" stroke-width="${this.lineWidth}"${dashes} d="${this.#path.join('')}"/>`,
    );
  }

  fill(): void {
    if (this.#path.length > 0) this.#add(`<path class="${this.fillStyle}" d="${this.#path.join('')}Z"/>`);
  }

  clip(): void {}

  save(): void {
    this.#saved.push(this.#state);
  }

  restore(): void {
    this.#state = this.#saved.pop() ?? this.#state;
  }

  setLineDash(lengths: number[]): void {
    this.#dashes = lengths;
  }

  #add(element: string): void {
    this.#elements.push(element);
  }

  #box(x: number, y: number, width: number, height: number): string {
    return `x="${this.#x(x)}" y="${this.#y(y)}" width="${round(width)}" height="${round(height)}"`;
  }

  #x(x: number): string {
    return round(x + this.#state.x);
  }

  #y(y: number): string {
    return round(y + this.#state.y);
  }
}

/** Whether three points have the same x, or the same y. */
function isStraight(before: string, middle: string, after: string): boolean {
  const points = [before, middle, after].map((point) => point.slice(1).split(' '));
  return [0, 1].some((axis) => points.every((point) => point[axis] === points[0]![axis]));
}

function round(number: number): string {
  return String(Math.round(number * 100) / 100);
}

/** A text within XML 1.0, which has no place for most control characters and for half a character. */
export function escapeXml(text: string): string {
  return text
    .toWellFormed()
    .replaceAll(/[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu, '\ufffd')
    .replaceAll(/[\u200e\u200f\u202a-\u202e\u2066-\u2069]/g, '\ufffd')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}
