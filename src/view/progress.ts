import { count, duration } from './numbers.ts';

/** The state of a run. */
export interface ProgressFigures {
  readonly done: number;
  readonly failed: number;
  readonly inFlight: number;
  /** Of how many, where that is known or can be told from what was read so far. */
  readonly total: number | null;
  /** Whether `total` is only about right. */
  readonly isEstimate: boolean;
  /** Processes that fetch for the run, where others do. */
  readonly workers?: number;
  /** What it does after the last answer: 'crunching'. */
  readonly doing?: string | null;
}

/** A bar that is drawn again and again, a line now and then, or nothing. */
export type ProgressStyle = 'bar' | 'line' | 'none';

const BAR_MS = 100;
const LINE_MS = 30_000;
const BAR_WIDTH = 20;
const ERASE_LINE = '\r\u001b[K';

/** Shows how a run goes on `stream` until the returned function is called. */
export function showProgress(
  style: ProgressStyle,
  figures: () => ProgressFigures,
  stream: NodeJS.WriteStream = process.stderr,
): () => void {
  if (style === 'none') return () => {};
  const started = performance.now();
  const draw = () => {
    const text = progressText(figures(), performance.now() - started);
    if (style === 'line') stream.write(`${text}\n`);
    else stream.write(`${ERASE_LINE}${text.slice(0, (stream.columns ?? 80) - 1)}`);
  };
  const timer = setInterval(draw, style === 'bar' ? BAR_MS : LINE_MS).unref();
  return () => {
    clearInterval(timer);
    if (style === 'bar') stream.write(ERASE_LINE);
  };
}

/** Prints a line while progress is shown: the bar is drawn again below it. */
export function say(line: string, stream: NodeJS.WriteStream = process.stderr): void {
  stream.write(`${stream.isTTY ? ERASE_LINE : ''}${line}\n`);
}

/** '█████░░░ 4,210 of 10,000 · 970/s · 100 in flight · 3 failed · 6.0 s left'. */
export function progressText(figures: ProgressFigures, elapsedMs: number): string {
  const { done, failed, inFlight, total, isEstimate, workers, doing = null } = figures;
  if (doing !== null) return `${count(done)} done · ${doing}`;
  const perMs = elapsedMs === 0 ? 0 : done / elapsedMs;
  const parts = [
    total === null
      ? `${count(done)} done`
      : `${bar(done / total)} ${count(done)} of ${isEstimate ? 'about ' : ''}${count(total)}`,
    `${count(perMs * 1000)}/s`,
    `${count(inFlight)} in flight`,
    `${count(failed)} failed`,
  ];
  if (workers !== undefined) parts.push(workers === 1 ? '1 worker' : `${count(workers)} workers`);
  if (total !== null && done > 0 && total > done) parts.push(`${timeLeft((total - done) / perMs)} left`);
  return parts.join(' · ');
}

/** In whole seconds: finer ones only flicker. */
function timeLeft(ms: number): string {
  return ms < 60_000 ? `${Math.ceil(ms / 1000)} s` : duration(ms);
}

function bar(share: number): string {
  const full = Math.min(BAR_WIDTH, Math.floor(share * BAR_WIDTH));
  return '█'.repeat(full) + '░'.repeat(BAR_WIDTH - full);
}
