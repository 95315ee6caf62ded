import { readFileSync } from 'node:fs';

/** The parts that a probe is joined from, in the order in which `order.txt` in their folder names them. */
export function partsIn(folder: URL): readonly string[] {
  return textOf('order.txt', folder)
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'));
}

/** A part as it stands. */
export function textOf(part: string, folder: URL): string {
  return readFileSync(new URL(part, folder), 'utf8');
}

/** A part below a line with its name. @param comment what begins a comment in its language */
export function named(part: string, folder: URL, comment: '#' | '//'): string {
  return `${`${comment} ${part} `.padEnd(WIDTH, '-')}\n${textOf(part, folder)}`;
}

const WIDTH = 117;
