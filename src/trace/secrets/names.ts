import { ANYWHERE, AT_THE_END, WHOLE, WHOLE_IN_URLS } from './rules.ts';

/** A number may follow: 'token2', 'token[0]'. */
const SECRET_NAME = new RegExp(
  `${ANYWHERE.join('|')}|(?:${AT_THE_END.join('|')})\\d*$|^(?:${WHOLE.join('|')})\\d*$`,
);
const IN_URLS: ReadonlySet<string> = new Set(WHOLE_IN_URLS);
/** Headers that end in 'key' and unlock nothing. */
const OPEN_KEY = /(?:websocket|cache|surrogate|idempotency|public|partition|sort)-?key$/;

/** Whether a parameter, option, header or variable of this name holds a credential. */
export function isSecretName(name: string): boolean {
  return SECRET_NAME.test(wordOf(name));
}

/** Whether a parameter of a URL holds a credential: `key` and `code` do, `sort_key` and `country_code` don't. */
export const isSecretParameter = remembered((name) => isSecretName(name) || IN_URLS.has(wordOf(name)));

/** Whether a header holds a credential: 'x-functions-key' does, 'idempotency-key' doesn't. */
export const isSecretHeader = remembered(
  (name) => isSecretName(name) || (/(?:^|-)key$/i.test(name) && !OPEN_KEY.test(name.toLowerCase())),
);

/** Whether a variable of an environment, or what a text assigns to, holds a credential. */
export function isSecretVariable(name: string): boolean {
  return isSecretName(name) || /_key$/i.test(name);
}

function wordOf(name: string): string {
  return name.toLowerCase().replace(/[^a-z0-9]/g, '');
}

const MOST_REMEMBERED = 1000;

/** The URLs and answers of a run have few different names, so what was found out is kept. */
function remembered(isSecret: (name: string) => boolean): (name: string) => boolean {
  const known = new Map<string, boolean>();
  return (name) => {
    const before = known.get(name);
    if (before !== undefined) return before;
    const secret = isSecret(name);
    if (known.size < MOST_REMEMBERED) known.set(name, secret);
    return secret;
  };
}
