/** What a wait is: what its record says, and what only its stack can tell, by the idioms of languages/. */
import type { Block, Frame, WaitKind } from '../trace/index.ts';
import { calledOf, framesBelowOwn } from './languages/frames.ts';
import { type Idiom, isClient, isKnownFor, isLibrary, isPrimitive, packageOf } from './languages/index.ts';

/** Calls in which a thread can do something else, or that are nobody's work; and the waits of units without a thread. */
const FREE: ReadonlySet<string> = new Set([
  'epoll_wait',
  'kevent',
  'io_uring_enter',
  'futex',
  'nagle',
  'await',
]);

/** Whether nothing else could be done by the thread meanwhile. */
export function isHolding(block: Block): boolean {
  const { call, descriptors = 1 } = block.wait;
  return !FREE.has(call) && !isQueued(block) && descriptors <= 1;
}

/** Whether a unit of work waits to be begun. */
export function isQueued({ wait }: Block): boolean {
  return wait.kind === 'queue' || wait.kind === 'executor';
}

/** Whether it waits for a thread of a pool: greenlets and tasks that wait for their turn share one thread instead. */
export function isPoolQueue({ wait }: Block): boolean {
  return wait.kind === 'executor';
}

export function isComputing({ wait }: Block): boolean {
  return wait.kind === 'cpu';
}

/** Whether only the stack can tell what is waited for: a lock, a permit, an answer. */
export function needsStack({ wait }: Block): boolean {
  return wait.kind === 'other' && (wait.call === 'await' || wait.call === 'futex');
}

/** Whether a unit of work waits for a lock, a permit or another limit. */
export function isForLimit(block: Block): boolean {
  return needsStack(block) || LETTING_THROUGH.has(block.wait.kind);
}

const LETTING_THROUGH: ReadonlySet<WaitKind> = new Set(['lock', 'semaphore', 'rate', 'connection-pool']);

/**
 * The kinds of a trace, and some that only a stack tells apart: a permit for a stream of HTTP/2, a gate that the
 * program, or a package that is no HTTP client, made of conditions, events or futures, and the CPU that the making of a
 * TLS context takes.
 */
export type WaitClass = WaitKind | 'streams' | 'own-gate' | 'gate' | 'tls-context';

/** What a wait is, and where: the frame that says so, not the primitive below it. */
export interface ClassifiedWait {
  readonly kind: WaitClass;
  readonly frame: Frame | undefined;
}

/** Says what a wait is. `other` where neither the record nor the stack tells. */
export function waitOf(block: Block, frames: readonly Frame[]): ClassifiedWait {
  const [leaf] = frames;
  if (block.wait.kind === 'name') return { kind: 'name', frame: leaf };
  if (isQueued(block)) return { kind: 'executor', frame: leaf };
  return needsStack(block) ? waitByStack(block, frames) : { kind: kindOfCall(block, frames), frame: leaf };
}

/** What a thread does, by the call that it is in and by the code that made it. */
function kindOfCall({ wait }: Block, frames: readonly Frame[]): WaitClass {
  const inner = frames.slice(0, framesBelowOwn(frames).length + 1);
  const calls = (idiom: Idiom): boolean => inner.some((frame) => isKnownFor(idiom, frame.function));
  const [leaf] = frames;
  if (wait.kind === 'child' || calls('child')) return 'child';
  if (wait.kind === 'sleep' || (leaf !== undefined && isKnownFor('sleep', calledOf(leaf))))
    return polled(inner) ?? 'sleep';
  if (calls('tls-context')) return 'tls-context';
  if (isKnownFor('name', leaf?.function)) return 'name';
  // The recorder says of a blocked loop whether it computed: if it did not, it slept. Clients never do: such a loop was
  // stopped, as by a recorder that waits for a CPU itself.
  if (wait.call === 'loop') return leaf !== undefined && isClient(leaf.file) ? 'run-queue' : 'sleep';
  return wait.kind;
}

/** What is tried again and again, with a sleep in between: a lock in a file or a server, a rate. */
function polled(frames: readonly Frame[]): 'lock' | 'rate' | undefined {
  const names = frames.map(calledOf);
  if (names.some((name) => isKnownFor('lock', name))) return 'lock';
  const packages = frames.map(({ file }) => packageOf(file));
  return [...names, ...packages].some((name) => isKnownFor('rate', name)) ? 'rate' : undefined;
}

/** What a unit of work waits for, by the frames that it waits in. */
function waitByStack({ wait }: Block, frames: readonly Frame[]): ClassifiedWait {
  const first = frames.findIndex(({ file }) => !isPrimitive(file));
  const primitives = frames.slice(0, first === -1 ? frames.length : first);
  const owner = first === -1 ? undefined : frames[first];
  const called = [...primitives, ...(owner === undefined ? [] : [owner])].map(calledOf);
  const is = (idiom: Idiom): boolean => called.some((name) => isKnownFor(idiom, name));
  const below = framesBelowOwn(frames);
  if (below.some(({ file }) => isKnownFor('importing', file))) return { kind: 'other', frame: owner };
  const isLookUp = below.some((frame) => isKnownFor('resolver', frame.function));
  const isOfLibrary = owner !== undefined && isLibrary(owner.file);
  const frame = isOfLibrary ? owner : (primitives.at(-1) ?? owner);
  const told = (kind: WaitClass, idiom?: Idiom): ClassifiedWait => ({
    kind,
    frame: (idiom && primitives.find((one) => isKnownFor(idiom, calledOf(one)))) ?? frame,
  });
  if ((is('result') && !isLookUp) || is('thread')) return told('join');
  if (isOfLibrary && isKnownFor('connection-pool', owner.function)) return told('connection-pool');
  if (isLookUp) return told('name');
  if (is('semaphore') && owner !== undefined && isKnownFor('http2', owner.file)) return told('streams');
  if (below.some((frame) => isKnownFor('connect', frame.function))) return told('connect');
  if (is('semaphore')) return told('semaphore', 'semaphore');
  if (is('rate') || (isOfLibrary && isKnownFor('rate', packageOf(owner.file)))) return told('rate');
  if (is('lock'))
    return primitives.some((one) => isKnownFor('turn', one.function)) ? told('other') : told('lock', 'lock');
  if (is('queue')) return told('queue', 'queue');
  if (is('sleep')) return told('sleep', 'sleep');
  // What the program's own code makes of a condition, an event or a future is a gate of its own.
  const isFuture = wait.call === 'await' && primitives.length === 0;
  if (owner !== undefined && (is('signal') || isFuture)) {
    if (!isOfLibrary) return { kind: 'own-gate', frame: owner };
    if (packageOf(owner.file) !== undefined && !isClient(owner.file)) return { kind: 'gate', frame: owner };
  }
  // `with lock:` is no frame of its own: the line that waits in a futex is the one that wants the lock.
  if (wait.call === 'futex' && primitives.length === 0 && owner !== undefined) return told('lock');
  return told('other');
}
