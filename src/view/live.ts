import type { Exchange } from '../trace/index.ts';
import { count, duration } from './numbers.ts';
import { paint } from './paint.ts';
import { printableIn } from './printable.ts';
import { waterfallLines } from './waterfall.ts';
import { WIDTH } from './wrap.ts';

/** How a program stands that is being watched. */
export interface LiveRun {
  readonly elapsedMs: number;
  readonly done: number;
  readonly failed: number;
  readonly inFlight: number;
  readonly mostInFlight: number;
  /** The last ones that began; one under way has no end. */
  readonly exchanges: readonly Exchange[];
}

/** '4.2 s · 12 done · 3 in flight, at most 5 · 0 failed'. */
export function liveText({ elapsedMs, done, failed, inFlight, mostInFlight }: LiveRun): string {
  const most = mostInFlight > inFlight ? `, at most ${count(mostInFlight)}` : '';
  return `${duration(elapsedMs)} · ${count(done)} done · ${count(inFlight)} in flight${most} · ${count(failed)} failed`;
}

/** The counters, and the last exchanges as bars, in lines that are no wider than the terminal. */
export function liveLines(given: LiveRun, stream: NodeJS.WriteStream): readonly string[] {
  const run = printableIn(given);
  const columns = Math.min(120, (stream.columns ?? WIDTH) - 1);
  const room = Math.max(0, Math.min(MOST_BARS, (stream.rows ?? 24) - 4));
  const exchanges = run.exchanges.slice(-room);
  const firstUs = Math.min(
    ...exchanges.map(({ wantedUs, calledUs, sentUs }) => wantedUs ?? calledUs ?? sentUs ?? 0),
  );
  const bars = waterfallLines(exchanges, exchanges.length, run.elapsedMs - firstUs / 1e3, {
    stream,
    columns,
  });
  return [paint('strong', liveText(run).slice(0, columns), stream), ...bars.slice(0, -1)];
}

const MOST_BARS = 10;

const UP = (lines: number) => `\u001b[${lines}A`;
const ERASE_BELOW = '\r\u001b[J';

/** Lines at the end of a terminal that are drawn again in their place, with other output above them. */
export class LiveBlock {
  readonly #stream: NodeJS.WriteStream;
  #drawn = 0;

  constructor(stream: NodeJS.WriteStream) {
    this.#stream = stream;
  }

  draw(lines: readonly string[]): void {
    this.#stream.write(`${this.#erasing()}${lines.join('\n')}\n`);
    this.#drawn = lines.length;
  }

  erase(): void {
    this.#stream.write(this.#erasing());
    this.#drawn = 0;
  }

  #erasing(): string {
    return this.#drawn === 0 ? '' : `${UP(this.#drawn)}${ERASE_BELOW}`;
  }
}
