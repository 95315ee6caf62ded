import { isSecretName, isSecretVariable } from './names.ts';
import { redactParameters, redactUrl } from './url.ts';
import { HIDDEN, looksSecret, replaceKnown } from './values.ts';

const HEADER_IN_TEXT =
  /\b((?:[\w-]*-)?(?:authorization|cookie|token|api-key|secret|password))(["']?\s*:\s*["']?)([^\r\n'"]+)/gi;
const SCHEME_IN_TEXT = /\b(bearer|basic|digest|negotiate)\s+(?!realm)[\w.~+/=:-]{8,}/gi;
const LOGIN_IN_TEXT = /(\s(?:-[uU]\s*|--(?:proxy-)?user[ =])["']?)([^\s'":=]+:[^\s'"]*)/g;
const OPTION_IN_TEXT = /(--[\w-]+)(\s+["']?)([^\s'"-][^\s'"]*)/g;
const HEADER_OPTION_IN_TEXT = /(\s-H\s*|--header[ =])("[^"]*"|'[^']*'|[^\s'"]+)/g;

/** Any text (a message, a command in one string) without the secrets that can be recognized in it. */
export function redactText(text: string): string {
  if (text.length < 5) return text;
  const plain = redactReferences(replaceKnown(text))
    .replace(HEADER_OPTION_IN_TEXT, (_, option: string, line: string) => option + redactQuoted(line))
    .replace(HEADER_IN_TEXT, `$1$2${HIDDEN}`)
    .replace(SCHEME_IN_TEXT, `$1 ${HIDDEN}`)
    .replace(LOGIN_IN_TEXT, `$1${HIDDEN}`)
    .replace(OPTION_IN_TEXT, (whole, option: string, gap: string) =>
      isSecretName(option) ? option + gap + HIDDEN : whole,
    );
  return redactAssignments(plain);
}

/** The URLs of a text, absolute or relative, are words that quotes, brackets or spaces stand around. */
export function redactReferences(text: string): string {
  if (!/[?#&]|\/\//.test(text)) return text;
  return text.replace(/[^\s'"<>`]+/g, (word) => {
    if (/[?#]|\/\//.test(word)) return redactUrl(word);
    return word.includes('&') ? redactParameters(word) : word;
  });
}

const ASSIGNMENT = /(?<![\w&?])(-{0,2}[A-Za-z][\w.-]*)(=|\\?["']\s*[:=]\s*\\?["']|=\\?["'])([^\s'"&]+)/g;

/** 'name=value', 'name="value"', '"name": "value"'. */
export function redactAssignments(text: string): string {
  return text.replace(ASSIGNMENT, (whole, name: string, equals: string, value: string) =>
    isSecretVariable(name) || looksSecret(value) ? name + equals + HIDDEN : whole,
  );
}

/** 'name: value' as after -H; its value is kept only where everybody sends it. */
export function redactHeaderLine(line: string): string {
  const colon = line.indexOf(':');
  if (colon === -1) return line.startsWith('@') ? line : HIDDEN;
  const name = line.slice(0, colon);
  return /^(accept|accept-.*|content-type|user-agent|host|connection|cache-control|range)$/i.test(name.trim())
    ? line
    : `${name}: ${HIDDEN}`;
}

function redactQuoted(line: string): string {
  const quote = /^["']/.test(line) ? line[0]! : '';
  return quote === '' ? redactHeaderLine(line) : quote + redactHeaderLine(line.slice(1, -1)) + quote;
}
