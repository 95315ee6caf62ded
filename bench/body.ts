const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789 .';
const HEAD_CHARS = 11;
const texts = new Map<number, string>();

/** The text that all bodies of a size end with: the recurrence of server/body.go, computed again. */
function text(size: number): string {
  const known = texts.get(size);
  if (known !== undefined) return known;
  const made = Buffer.alloc(size);
  let state = size >>> 0;
  for (let at = 0; at < size; at++) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    made[at] = ALPHABET.charCodeAt(state >>> 26);
  }
  const string = made.toString('latin1');
  texts.set(size, string);
  return string;
}

/** Whether `body` is what the server answers to GET number `index`, byte for byte; `size` is at least 11. */
export function isBodyOf(body: string, index: number, size: number): boolean {
  return (
    body.length === size &&
    body.startsWith(`${String(index).padStart(10, '0')} `) &&
    body.slice(HEAD_CHARS) === text(size - HEAD_CHARS)
  );
}
