import type { Block, Frame } from '../../trace/index.ts';
import { isLibrary } from '../evidence.ts';
import { framesBelowOwn } from '../own-work.ts';
import { isQueued, isUntold } from '../waits.ts';
import { calledOf } from './frames.ts';

/** What a piece of work stands before. */
export type Before =
  | 'pool'
  | 'streams'
  | 'permit'
  | 'rate'
  | 'lock'
  | 'queue'
  | 'worker'
  | 'own'
  | 'pause'
  | 'result'
  | 'join'
  | 'name'
  | 'connecting';

export interface Standing {
  readonly before: Before;
  /** Where it stands: the frame that says what it is, not the primitive below it. */
  readonly frame: Frame | undefined;
}

/** Code of which every wait is made: who waits is whoever called it. */
const PRIMITIVES =
  /[/\\](?:threading|queue|Queue|selectors)\.py$|[/\\]asyncio[/\\](?:locks|queues|futures|tasks|timeouts|mixins)\.py$|[/\\](?:anyio|trio|sniffio)[/\\]|[/\\]gevent[/\\]_?_?(?:\w*hub\w*|event|lock|queue|\w*semaphore|waiter|greenlet|abstract_linkable)[\w.-]*$|[/\\]eventlet[/\\](?:queue|semaphore|event|lock|hubs[/\\]\w+)\.py$|[/\\]httpcore[/\\]_synchronization\.py$|[/\\]multiprocessing[/\\]pool\.py$|[/\\]concurrent[/\\]futures[/\\]_base\.py$/;

const RATE = /limiter|throttl|rate_?limit|leaky|token_?bucket/i;
const PERMIT = /semaphore|bounded|permit|capacity_?limit/i;
const LOCK = /(?:^|[._])(?:R?Lock|Mutex)\b|mutex|AsyncLock/i;
const QUEUE = /\bqueues?\b.*(?:\.get|\.put|_get|_put|\.acquire)$|Queue\.(?:get|put)\b/i;
const PAUSE = /(?:^|[._])sleep$/;
const SIGNAL = /(?:Condition|Event)\.wait(?:_for)?$/;
const NAME = /getaddrinfo|gethostby|getnameinfo|resolve(?!r?_?redirect)|(?:^|[._])lookup/i;
const CONNECTION =
  /^_*(?:get|acquire|wait_?for|checkout|lease|borrow|take)_?(?:\w*_)?conn(?:ection)?s?(?:_\w+)?$/i;
const HTTP2 = /[/\\](?:_?h(?:ttp)?2)[\w.-]*([/\\]|$)/i;
const LISTENING =
  /(?:^|[._])(?:create_connection|connect|_connect|_new_conn|do_handshake|start_tls|wrap_socket|_internal_connect)$/;

/** What a block of a piece of work stands before; undefined where its stack does not say. */
export function standingOf(block: Block, frames: readonly Frame[]): Standing | undefined {
  if (block.wait.kind === 'name') return { before: 'name', frame: frames[0] };
  if (isQueued(block)) return { before: 'worker', frame: frames[0] };
  if (!isUntold(block)) return undefined;
  const first = frames.findIndex(({ file }) => !PRIMITIVES.test(file));
  const primitives = frames.slice(0, first === -1 ? frames.length : first);
  const owner = first === -1 ? undefined : frames[first];
  const called = [...primitives, ...(owner === undefined ? [] : [owner])].map(calledOf);
  const is = (pattern: RegExp): boolean => called.some((name) => pattern.test(name));
  const inLibraries = framesBelowOwn(frames);
  const frame = owner === undefined || !isLibrary(owner.file) ? (primitives.at(-1) ?? owner) : owner;
  const found = (before: Before, pattern?: RegExp): Standing => ({
    before,
    frame: primitives.find((one) => pattern?.test(calledOf(one))) ?? frame,
  });
  if (
    is(/Future\.result$|_result_or_cancel$|ApplyResult\.(?:get|wait)$|AsyncResult\.(?:get|wait)$/) &&
    !named(inLibraries)
  )
    return found('result');
  if (is(/Thread\.join$|\.join$|_wait_for_tstate_lock$/)) return found('join');
  if (owner?.function !== undefined && CONNECTION.test(owner.function) && isLibrary(owner.file))
    return found('pool');
  if (named(inLibraries)) return found('name');
  if (is(PERMIT) && owner !== undefined && HTTP2.test(owner.file)) return found('streams');
  if (inLibraries.some((frame) => LISTENING.test(frame.function ?? ''))) return found('connecting');
  if (is(PERMIT)) return found('permit', PERMIT);
  if (is(RATE) || RATE.test(owner?.file ?? '')) return found('rate');
  if (is(LOCK)) return primitives.some(isYield) ? undefined : found('lock', LOCK);
  if (is(QUEUE)) return found('queue', QUEUE);
  if (is(PAUSE)) return found('pause', PAUSE);
  // What the program's own code makes of a condition, an event or a future is a gate of its own.
  if (owner !== undefined && !isLibrary(owner.file) && (is(SIGNAL) || isOfFuture(block, primitives)))
    return { before: 'own', frame: owner };
  // `with lock:` is no frame of its own: the line that stands in a futex is the one that wants the lock.
  if (block.wait.call === 'futex' && primitives.length === 0 && owner !== undefined) return found('lock');
  return undefined;
}

/** An `await` in the program's own line, of something that is no coroutine. */
function isOfFuture({ wait: { call } }: Block, primitives: readonly Frame[]): boolean {
  return call === 'await' && primitives.length === 0;
}

function named(frames: readonly Frame[]): boolean {
  return frames.some((frame) => NAME.test(frame.function ?? ''));
}

/** A turn given to the loop (`sleep(0)`) is a wait for the loop, not for the lock that was taken. */
function isYield(frame: Frame): boolean {
  return /__sleep0|checkpoint/.test(frame.function ?? '');
}
