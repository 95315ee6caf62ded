import { redactUrl } from '../trace/index.ts';
import { FetchError } from './errors.ts';
import type { Head } from './head.ts';
import type { Job } from './job.ts';
import { option } from './option-names.ts';
import { type Target, targetOf } from './target.ts';

const REDIRECTS: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);

/**
 * Where an answer sends the request on (RFC 9110 §15.4); null when it doesn't. `maxRedirects` 0: it never does.
 * @throws FetchError 'redirect-bad', 'redirect-loop' or 'redirect-limit'.
 */
export function redirectOf(job: Job, head: Head, maxRedirects: number): Target | null {
  if (!REDIRECTS.has(head.status) || maxRedirects === 0) return null;
  const location = head.headers.location;
  // A redirect that names no place is an answer like any other.
  if (location === undefined) return null;
  const target = resolve(location, job.target);
  // Without cookies the same question to the same place gets the same answer, for ever.
  if (target.href === job.target.href || job.trail.includes(target.href))
    throw new FetchError(
      'redirect-loop',
      `the redirects lead in a circle: back to ${redactUrl(target.href)}`,
    );
  if (job.trail.length >= maxRedirects)
    throw new FetchError(
      'redirect-limit',
      `more than ${maxRedirects} redirects, the last one to ${redactUrl(target.href)}; raise ${option('maxRedirects')} if they end`,
    );
  return target;
}

function resolve(location: string, from: Target): Target {
  try {
    // Servers send raw UTF-8 here, which the head was not read as.
    return targetOf(new URL(Buffer.from(location, 'latin1').toString('utf8'), from.href));
  } catch (error) {
    const why = error instanceof FetchError ? `: ${error.message}` : '';
    throw new FetchError(
      'redirect-bad',
      `the answer redirects to '${redactUrl(location).slice(0, 200)}', which is no HTTP URL${why}`,
    );
  }
}
