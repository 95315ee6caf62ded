/**
 * Arrays and objects in each other. RFC 8259 §9 lets a reader set this limit; what reads values by recursion, here and
 * in DuckDB, overflows its stack far beyond it.
 */
export const MOST_NESTED = 1000;

const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/** Whether arrays and objects of a JSON text are nested more than 1,000 deep. */
export function isNestedTooDeep(json: string): boolean {
  if (json.length <= 2 * MOST_NESTED) return false;
  let depth = 0;
  for (let at = 0; at < json.length; at++) {
    const char = json.charCodeAt(at);
    if (char === QUOTE) at = endOfString(json, at);
    else if (isOpening(char)) {
      if (++depth > MOST_NESTED) return true;
    } else if (isClosing(char)) depth--;
  }
  return false;
}

const isOpening = (char: number) => char === 0x5b || char === 0x7b;
const isClosing = (char: number) => char === 0x5d || char === 0x7d;

/** Where the string that begins at `start` has its closing quote; the end of the text when it has none. */
function endOfString(json: string, start: number): number {
  for (let end = json.indexOf('"', start + 1); end !== -1; end = json.indexOf('"', end + 1)) {
    let before = end;
    while (json.charCodeAt(before - 1) === BACKSLASH) before--;
    if ((end - before) % 2 === 0) return end;
  }
  return json.length;
}
