import type { Block, Frame } from '../trace/index.ts';
import { type Evidence, isLibrary } from './evidence.ts';
import { isComputing } from './waits.ts';

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

/** What threads computed, the program's own work apart from what requests cost: both, where no stack tells them apart. */
export function computingOf({ block: blocks, stack: stacks }: Evidence): {
  readonly own: readonly Block[];
  readonly requests: readonly Block[];
} {
  const computing = blocks.filter(isComputing);
  if (stacks.length === 0) return { own: computing, requests: computing };
  const frames = new Map(stacks.map((stack) => [stack.id, stack.frames]));
  const isOwn = ({ stack }: Block): boolean => stack !== undefined && isOwnWork(frames.get(stack) ?? []);
  return { own: computing.filter(isOwn), requests: computing.filter((block) => !isOwn(block)) };
}
