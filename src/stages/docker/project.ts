import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Ended, run } from '../child.ts';
import { StagesError } from '../error.ts';
import type { Say } from '../place.ts';
import type { Runtime } from '../story.ts';
import type { Engine } from './engine.ts';
import { troubleIn } from './trouble.ts';

/** A certificate is made and servers listen within that. */
const PATIENCE_MS = 60_000;
const AGAIN_MS = 200;
const DOWN_AGAIN_MS = 500;
const MOST_DOWNS = 10;

/** What takes long, in a line of docker-compose, of compose v2, or of the builder of either; null of other lines. */
function stepIn(line: string): string | null {
  const service = /^Building (\S+)/.exec(line)?.[1] ?? /^#\d+ \[(\S+) .*\bRUN pip /.exec(line)?.[1];
  if (service !== undefined) return `building ${service}`;
  return /Pulling/.test(line) ? line.trim() : null;
}

type Language = Runtime['language'];

/** Services of a compose file that run, under a name that no other project has, until they are taken down. */
export class Project {
  readonly #compose: readonly string[];
  readonly #name = `abreast-${process.pid}-${randomBytes(3).toString('hex')}`;
  readonly #down: readonly string[];
  /** docker-compose has no word for it. */
  readonly #pullNothing: readonly string[];
  #isUp = false;
  /** Whatever ends this process early: the containers are not its children, and would stay. */
  readonly #atExit = () => {
    const [file, ...args] = this.#down;
    if (this.#isUp) spawn(file!, args, { stdio: 'ignore', detached: true }).unref();
  };

  constructor({ compose }: Engine, file: string) {
    this.#compose = [...compose, '-f', file, '-p', this.#name];
    this.#pullNothing = compose.length === 2 ? ['--pull', 'never'] : [];
    this.#down = [...this.#compose, 'down', '--volumes', '--remove-orphans', '--timeout', '0'];
  }

  /** Starts services and those they need, images built first unless nothing may be fetched. */
  async up(services: readonly string[], offline: boolean, say: Say, signal: AbortSignal): Promise<void> {
    this.#isUp = true;
    process.once('exit', this.#atExit);
    const build = offline ? ['--no-build', ...this.#pullNothing] : ['--build'];
    const steps = new Set<string>();
    let building: string | undefined; // compose v2 builds several at once, and names the image itself
    const onLine = (line: string) => {
      const step = stepIn(line);
      if (step === null || steps.has(step)) return;
      steps.add(step);
      if (line.startsWith('Building ')) building = step;
      say(`docker: ${step}`);
    };
    say('docker: starting containers');
    const ended = await run([...this.#compose, 'up', '-d', ...build, ...services], { signal, onLine });
    this.#did(ended, building);
  }

  /** The containers, by service. */
  async containers(signal: AbortSignal): Promise<ReadonlyMap<string, string>> {
    const label = 'com.docker.compose';
    const { out } = await this.#did(
      await run(
        [
          ...['docker', 'ps', '--filter', `label=${label}.project=${this.#name}`],
          ...['--format', `{{.Label "${label}.service"}} {{.Names}}`],
        ],
        { signal },
      ),
    );
    return new Map(out.split('\n').map((line) => line.split(' ') as [string, string]));
  }

  /**
   * Ends and removes all of it: containers, network, volume. Images stay, as what was downloaded. After a compose that
   * was interrupted the engine goes on with what it was asked: what is in its hands can't be removed until it is done.
   */
  async down(): Promise<void> {
    if (!this.#isUp) return;
    let ended = await run(this.#down);
    for (let again = 0; ended.code !== 0 && again < MOST_DOWNS; again++) {
      await sleep(DOWN_AGAIN_MS);
      ended = await run(this.#down);
    }
    this.#did(ended);
    this.#isUp = false;
    process.off('exit', this.#atExit);
  }

  #did(ended: Ended, what = '--docker'): Ended {
    if (ended.code === 0) return ended;
    throw new StagesError(`${what}: ${troubleIn(`${ended.out}\n${ended.err}`)}`);
  }
}

/** Says by its exit code whether something listens at a host and port, in the words of a container's language. */
const CONNECT: Readonly<Record<Language, (host: string, port: number) => string[]>> = {
  python: (host, port) => ['-c', `import socket; socket.create_connection(('${host}', ${port}), 5).close()`],
  node: (host, port) => ['-e', `require('net').connect(${port}, '${host}', process.exit)`],
};

/** Waits until something listens there, as seen from a container. @throws StagesError when nothing does in a minute */
export async function listening(
  container: string,
  language: Language,
  host: string,
  port: number,
  signal: AbortSignal,
): Promise<void> {
  const connect = ['docker', 'exec', container, language, ...CONNECT[language](host, port)];
  const deadlineMs = performance.now() + PATIENCE_MS;
  for (;;) {
    const { code, err } = await run(connect, { signal });
    if (code === 0) return;
    if (performance.now() > deadlineMs)
      throw new StagesError(`--docker: ${host} can't be reached from ${container}: ${troubleIn(err)}`);
    await sleep(AGAIN_MS, undefined, { signal });
  }
}
