import { type Result, utf8Of } from '../fetch/index.ts';

const HIDDEN = '***';
/** Shorter values may occur in an answer by chance: to replace each '12' would damage it. */
const LEAST_TOLD = 6;

/** The text with `***` for every secret; the same text if there is none. */
export function hide(text: string, secrets: readonly string[]): string {
  let hidden = text;
  for (const secret of secrets) if (hidden.includes(secret)) hidden = hidden.replaceAll(secret, HIDDEN);
  return hidden;
}

/** The result as it may be written: a server may say back whatever it was sent. */
export function withoutSecrets(result: Result, secrets: readonly string[]): Result {
  if (secrets.length === 0) return result;
  const { input, error } = result;
  const told = secrets.filter(({ length }) => length >= LEAST_TOLD);
  return changed(result, {
    input: hide(typeof input === 'string' ? input : input.url, secrets),
    url: hide(result.url, secrets),
    finalUrl: result.finalUrl === null ? null : hide(result.finalUrl, secrets),
    error:
      error === null ? null : Object.assign(Object.create(error), { message: hide(error.message, secrets) }),
    headers: result.headers && hideValues(result.headers, told),
    body: result.body && hideBytes(result.body, told),
  });
}

/**
 * The result with its body in UTF-8, if it is text: so SQL reads it, and so secrets are looked for in it. `fault`: what is
 * wrong with the charset that the answer names.
 */
export function inUtf8(result: Result): { readonly result: Result; readonly fault: string | null } {
  if (result.body === null) return { result, fault: null };
  const { bytes, fault } = utf8Of(result.body, result.headers?.['content-type']);
  return { result: bytes === result.body ? result : changed(result, { body: bytes }), fault };
}

/** The result with some of its fields changed. */
export function changed(result: Result, changes: Partial<Result>): Result {
  return Object.assign(Object.create(Object.getPrototypeOf(result)), result, changes);
}

function hideValues(
  headers: Readonly<Record<string, string>>,
  secrets: readonly string[],
): Readonly<Record<string, string>> {
  const hasAny = Object.values(headers).some((value) => secrets.some((secret) => value.includes(secret)));
  if (!hasAny) return headers;
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, hide(value, secrets)]));
}

function hideBytes(body: Buffer, secrets: readonly string[]): Buffer {
  const found = secrets.filter((secret) => body.includes(secret));
  return found.length === 0
    ? body
    : Buffer.from(hide(body.toString('latin1'), found.map(asLatin1)), 'latin1');
}

/** The bytes of a text, one character each. */
function asLatin1(text: string): string {
  return Buffer.from(text, 'utf8').toString('latin1');
}
