import type { Path } from '../../document/index.ts';
import type { Auth } from '../report.ts';
import type { AuthEntry, RequestEntry } from './schema.ts';
import type { Site } from './site.ts';

/** The credentials of a request: one, or a list of them. */
export function buildAuth(written: RequestEntry['auth'], path: Path, site: Site): readonly Auth[] {
  if (written === undefined) return [];
  return Array.isArray(written)
    ? written.map((entry, at) => build(entry, [...path, at], site))
    : [build(written as AuthEntry, path, site)];
}

function build(entry: AuthEntry, path: Path, site: Site): Auth {
  return { place: site.place(path), origins: entry.origins ?? null, header: headerOf(entry, path, site) };
}

function headerOf({ basic, bearer, command, header }: AuthEntry, path: Path, site: Site): Auth['header'] {
  if (basic !== undefined)
    return {
      basic: {
        user: site.template([...path, 'basic', 'user']),
        password: site.template([...path, 'basic', 'password']),
      },
    };
  if (bearer !== undefined) return { bearer: site.template([...path, 'bearer']) };
  const words = typeof command === 'string' ? ['sh', '-c', command] : command!;
  return { command: words, name: (header ?? 'authorization').toLowerCase() };
}
