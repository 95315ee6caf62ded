import type { CellStep } from '../../stages/index.ts';
import { duration } from '../../view/index.ts';

const ERASE_LINE = '\r\u001b[K';
const DRAW_MS = 200;

/** What is under way, on standard error: a line that is drawn again on a terminal, a line for each event elsewhere. */
export class StagesProgress {
  readonly #stream = process.stderr;
  readonly #startedMs = performance.now();
  readonly #running = new Set<CellStep>();
  #timer: NodeJS.Timeout | undefined;
  #preparing = '';
  #done = 0;

  constructor() {
    if (this.#stream.isTTY) this.#timer = setInterval(() => this.#draw(), DRAW_MS).unref();
  }

  readonly say = (what: string, detail?: string): void => {
    this.#preparing = detail === undefined ? what : `${what}: ${detail}`;
    if (!this.#stream.isTTY && detail === undefined) this.#stream.write(`${what}\n`);
  };

  readonly began = (step: CellStep): void => {
    this.#running.add(step);
  };

  readonly ended = (step: CellStep): void => {
    this.#running.delete(step);
    this.#done++;
  };

  /** Makes room for output that stays. */
  clear(): void {
    if (this.#stream.isTTY) this.#stream.write(ERASE_LINE);
  }

  over(): void {
    clearInterval(this.#timer);
    this.clear();
  }

  #draw(): void {
    const elapsed = duration(performance.now() - this.#startedMs);
    const text =
      this.#running.size === 0
        ? `${elapsed} · ${this.#preparing}`
        : `${elapsed} · ${this.#done} runs done, ${this.#running.size} under way: ${[...this.#running].map(named).join(', ')}`;
    this.#stream.write(`${ERASE_LINE}${text.slice(0, (this.#stream.columns ?? 80) - 1)}`);
  }
}

function named({ cell, doing }: CellStep): string {
  return `${cell.name}/${cell.version} ${cell.protocol} ${cell.n} ${doing}`;
}
