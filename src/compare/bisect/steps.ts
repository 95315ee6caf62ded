import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Why `git bisect run` goes on, or does not: its exit codes. */
export const STEP = { old: 0, new: 1, untestable: 125, end: 255 } as const;

/** What `git bisect run` starts at each commit: a program that asks this process, and exits with its answer. */
const ASKING =
  "require('node:net').connect(process.argv[1]).on('data', (code) => process.exit(Number(code))).on('error', () => process.exit(255)).on('close', () => process.exit(255))";

/** Answers the steps of a bisection, one after the other. */
export class Steps implements Disposable {
  /** What `git bisect run` is given. */
  readonly command: readonly string[];
  readonly #folder = mkdtempSync(join(tmpdir(), 'abreast-steps-'));
  readonly #server: Server;

  private constructor(answer: () => Promise<number>) {
    const path = join(this.#folder, 'socket');
    this.command = [process.execPath, '-e', ASKING, path];
    this.#server = createServer((socket) => {
      socket.on('error', () => {}); // git has ended the step
      answer().then(
        (code) => socket.end(String(code)),
        () => socket.end(String(STEP.end)),
      );
    });
  }

  /** @param answer gives an exit code of STEP for what is checked out */
  static async begin(answer: () => Promise<number>): Promise<Steps> {
    const steps = new Steps(answer);
    await new Promise<void>((resolve, reject) => {
      steps.#server.once('error', reject).listen(steps.command.at(-1), resolve);
    });
    return steps;
  }

  [Symbol.dispose](): void {
    this.#server.close();
    rmSync(this.#folder, { recursive: true, force: true });
  }
}
