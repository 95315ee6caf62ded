import { homedir } from 'node:os';
import { join } from 'node:path';

/** Where environments and the server are kept (XDG Base Directory Specification: what can be made again). */
export function stagesCache(environment: NodeJS.ProcessEnv = process.env): string {
  const cache = environment.XDG_CACHE_HOME;
  return join(cache?.startsWith('/') ? cache : join(homedir(), '.cache'), 'abreast', 'stages');
}
