import type { HostLimit } from '../options.ts';
import type { Target } from '../target.ts';

/** The limit of a target's origin: of the first pattern that matches its host, or host and port. */
export function limitAt(target: Target, limits: readonly HostLimit[]): HostLimit | null {
  return limits.find(([pattern]) => isHostOf(pattern, target)) ?? null;
}

/** How many a target's origin may have in flight. */
export function mostAt(target: Target, limits: readonly HostLimit[]): number {
  return limitAt(target, limits)?.[1] ?? Number.POSITIVE_INFINITY;
}

function isHostOf(pattern: string, { host, port }: Target): boolean {
  const wanted = pattern.toLowerCase().replace(/[[\]]/g, '');
  if (wanted.startsWith('*'))
    return matchesEnd(wanted.slice(1), host) || matchesEnd(wanted.slice(1), `${host}:${port}`);
  return wanted === host || wanted === `${host}:${port}`;
}

/** '*.example.com' is for what is under that name, not for the name itself; '*' is for all. */
function matchesEnd(end: string, host: string): boolean {
  return host.length > end.length && host.endsWith(end);
}
