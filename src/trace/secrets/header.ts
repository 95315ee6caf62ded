import { isSecretHeader } from './names.ts';
import { redactAssignments, redactReferences } from './text.ts';
import { redactUrl } from './url.ts';
import { HIDDEN, looksSecret } from './values.ts';

/** Headers whose value is one URL, which may hold whatever a server puts into it. */
const ONE_URL: ReadonlySet<string> = new Set(['location', 'content-location', 'referer']);

/**
 * A header's value without its secrets: `***` where it is a credential (authorization, cookies, API keys), else as it
 * is but for the secrets of URLs in it. `keepUrls`: those stay.
 */
export function redactHeader(name: string, value: string, keepUrls = false): string {
  const key = name.toLowerCase();
  // Access-Control-Allow-Credentials says 'true', and none of its kin holds a secret (Fetch §3.2.3).
  if (key.startsWith('access-control-')) return value;
  if (isSecretHeader(key)) return HIDDEN;
  if (ONE_URL.has(key)) return keepUrls ? value : redactUrl(value);
  if (looksSecret(value)) return HIDDEN;
  return keepUrls || !/[=@]|":/.test(value) ? value : redactAssignments(redactReferences(value));
}

/** Whether a request's header says who the caller is: it holds what would be replaced if it were written. */
export function isCredential(name: string, value: string): boolean {
  return isSecretHeader(name) || redactHeader(name, value) !== value;
}
