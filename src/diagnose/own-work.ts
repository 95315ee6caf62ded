import type { Frame } from '../trace/index.ts';
import { isLibrary } from './evidence.ts';

/** Code that makes the requests: its CPU is what requests cost, not work that could be elsewhere. */
const CLIENT =
  /^node:(?:_http|http|https|net|tls|dns|_tls|internal\/(?:deps\/undici|dns|tls))|^wasm:|[/\\](?:undici|urllib3|requests|httpx|httpcore|h11|h2|aiohttp|http[/\\]client\.py|httplib\.py|asyncio)[/\\.]/;

/** The frames below the program's own, leaf first: what its line called. All of them where none is its own. */
export function framesBelowOwn(frames: readonly Frame[]): readonly Frame[] {
  const own = frames.findIndex(({ file }) => !isLibrary(file));
  return own === -1 ? frames : frames.slice(0, own);
}

/** Whether a busy thread is in work of the program's own, and not in what its HTTP client does for the requests. */
export function isOwnWork(frames: readonly Frame[]): boolean {
  const below = framesBelowOwn(frames);
  return below.length < frames.length && !below.some(({ file }) => CLIENT.test(file));
}
