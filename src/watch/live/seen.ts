import type { Exchange } from '../../trace/index.ts';

/** What one process has done, as one recorder saw it. */
export class Seen {
  done = 0;
  failed = 0;
  /** The last ones that ended. */
  readonly last: Exchange[] = [];
  /** What a probe says is under way. */
  underWay: readonly Exchange[] = [];

  add(exchange: Exchange): void {
    if (typeof exchange.error === 'string') this.failed++;
    else this.done++;
    this.last.push(exchange);
    if (this.last.length > MOST_LAST) this.last.shift();
  }
}

/** More bars than this have no room on any terminal. */
const MOST_LAST = 50;

/** What was seen of a process, empty at first. */
export function seenIn(seen: Map<number, Seen>, pid: number): Seen {
  let own = seen.get(pid);
  if (own === undefined) {
    own = new Seen();
    seen.set(pid, own);
  }
  return own;
}
