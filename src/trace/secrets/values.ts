import { TOKEN_PATTERNS } from './rules.ts';

/** What replaces a secret. */
export const HIDDEN = '***';

/** The last is a JWT (RFC 7519 §3). */
const KNOWN_TOKEN = new RegExp(
  `(?<![A-Za-z0-9])(?:${TOKEN_PATTERNS.join('|')}|eyJ[\\w-]{6,}\\.[\\w-]{6,}\\.[\\w-]*)`,
  'g',
);

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** Whether a value looks like a credential by itself: long, and of the mix that chance makes. UUIDs are ids. */
export function looksSecret(value: string): boolean {
  if (value.length < 16) return false;
  if (replaceKnown(value) !== value) return true;
  if (/^[0-9a-f]{32,}$/i.test(value)) return /[0-9]/.test(value) && /[a-f]/i.test(value);
  return (
    value.length >= 24 &&
    /^[\w+/.~-]+=*$/.test(value) &&
    /[a-z]/.test(value) &&
    /[A-Z]/.test(value) &&
    /[0-9].*[0-9]/.test(value) &&
    !UUID.test(value)
  );
}

/** The text with `***` for each token that is known by how it begins. */
export function replaceKnown(text: string): string {
  return hasLongWord(text) ? text.replace(KNOWN_TOKEN, HIDDEN) : text;
}

/** 13 of [\w-] in a row: what KNOWN_TOKEN needs at least, and most URLs don't have. A loop is 8 times as fast as a pattern. */
function hasLongWord(text: string): boolean {
  let run = 0;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    const isWord = code >= 48 ? code !== 58 && code !== 63 : code === 45;
    run = isWord ? run + 1 : 0;
    if (run === 13) return true;
  }
  return false;
}
