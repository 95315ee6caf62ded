import { wrap } from './wrap.ts';

/** '(urllib3/util/wait.py:105 do_poll)': evidence says it again. */
const PLACES = /\s\([^()]*:\d+[^()]*\)/g;
/** After each part of a sentence that may be its last. */
const PARTS = /(?<=[.:;])\s+/;

/**
 * A sentence in at most so many lines: as it is where it fits, else without the places in brackets, else without its
 * last parts. Where not even the first part fits, that alone. There is room for `end` after it.
 */
export function shortened(text: string, width: number, most: number, end = ''): string {
  const fits = (one: string): boolean => wrap(one + end, width).length <= most;
  if (fits(text)) return text;
  const placeless = text.replace(PLACES, '');
  const parts = placeless.split(PARTS);
  for (let count = parts.length; count > 1; count--) {
    const shorter = ended(parts.slice(0, count).join(' '));
    if (fits(shorter)) return shorter;
  }
  return ended(parts[0] ?? '');
}

function ended(text: string): string {
  return text.replace(/[:;]$/, '.');
}
