import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

/** What a program wrote to a terminal, and when, in milliseconds since it began. */
export type Recording = readonly (readonly [atMs: number, text: string])[];

/** The Python that gives a program a terminal; undefined where there is none. */
export const PYTHON = ['python3', 'python'].find(
  (name) => spawnSync(name, ['-c', 'import pty']).status === 0,
);

/** Runs a command in a terminal of this size, and gives what it wrote. */
export function recordTerminal(
  command: readonly string[],
  {
    columns,
    rows,
    file,
    env = {},
  }: {
    readonly columns: number;
    readonly rows: number;
    /** Where the recording is put meanwhile. */
    readonly file: string;
    readonly env?: Readonly<Record<string, string>>;
  },
): { readonly recording: Recording; readonly code: number | null } {
  const script = new URL('./record.py', import.meta.url).pathname;
  const { status, stderr } = spawnSync(PYTHON!, [script, file, String(columns), String(rows), ...command], {
    encoding: 'utf8',
    env: { ...process.env, TERM: 'xterm-256color', ...env },
  });
  if (stderr !== '') throw new Error(stderr);
  return { recording: JSON.parse(readFileSync(file, 'utf8')), code: status };
}

const ESCAPE = '\u001b';

/** Text of one look. */
export interface Run {
  readonly text: string;
  /** Numbers of SGR (ECMA-48 §8.3.117) that are on: 1 is bold, 2 is dim, 31 is red. */
  readonly style: readonly number[];
}

interface Cell {
  readonly char: string;
  readonly style: readonly number[];
}

/** A control sequence, or a character. */
const TOKEN = new RegExp(`${ESCAPE}\\[[\\d;]*[A-Za-z]|[^]`, 'gu');

/** What ends a style, by its number. */
const ENDS: Readonly<Record<number, (style: number) => boolean>> = {
  0: () => true,
  22: (style) => style === 1 || style === 2,
  39: (style) => style >= 30 && style <= 37,
};

/** A terminal that never scrolls: as much of one as abreast uses. */
export class Screen {
  readonly #rows: Cell[][] = [[]];
  #row = 0;
  #column = 0;
  #style: readonly number[] = [];

  write(text: string): void {
    for (const [token] of text.matchAll(TOKEN)) {
      if (token.startsWith(`${ESCAPE}[`)) this.#control(token.at(-1)!, token.slice(2, -1));
      else if (token === '\r') this.#column = 0;
      else if (token === '\n') this.#down();
      else this.#put(token);
    }
  }

  /** The lines, without what is empty at their ends. */
  lines(): readonly (readonly Run[])[] {
    return this.#rows.map((cells) => {
      const runs: { text: string; style: readonly number[] }[] = [];
      for (const cell of cells) {
        const { char, style } = cell ?? { char: ' ', style: [] };
        const last = runs.at(-1);
        if (last !== undefined && String(last.style) === String(style)) last.text += char;
        else runs.push({ text: char, style });
      }
      return runs;
    });
  }

  /** The same without looks. */
  text(): string {
    return this.lines()
      .map((runs) =>
        runs
          .map(({ text }) => text)
          .join('')
          .trimEnd(),
      )
      .join('\n');
  }

  #put(char: string): void {
    const cells = this.#rows[this.#row]!;
    while (cells.length < this.#column) cells.push({ char: ' ', style: [] });
    cells[this.#column++] = { char, style: this.#style };
  }

  #down(): void {
    this.#row++;
    if (this.#row === this.#rows.length) this.#rows.push([]);
  }

  #control(letter: string, parameters: string): void {
    const number = Number(parameters || 1);
    if (letter === 'A') this.#row = Math.max(0, this.#row - number);
    else if (letter === 'K') this.#rows[this.#row]!.length = this.#column;
    else if (letter === 'J') {
      this.#rows[this.#row]!.length = this.#column;
      this.#rows.length = this.#row + 1;
    } else if (letter === 'm') for (const style of parameters.split(';')) this.#change(Number(style || 0));
    else throw new Error(`the terminal of the pictures does not know ESC[${parameters}${letter}`);
  }

  #change(style: number): void {
    const ends = ENDS[style];
    this.#style = ends === undefined ? [...this.#style, style] : this.#style.filter((each) => !ends(each));
  }
}
