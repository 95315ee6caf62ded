import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Verdict } from '../../diagnose/index.ts';
import { makeCertificate } from '../../testserver/index.ts';
import type { Cell } from '../cell.ts';
import { askedAt, commandOf, type Values } from '../commands.ts';
import { StagesError } from '../error.ts';
import type { Measured, Say, StagesPlace } from '../place.ts';
import type { Told } from '../stories.ts';
import type { Scene } from '../story.ts';
import { buildGoHttpbin, findGoHttpbin, goHttpbin } from './go-httpbin.ts';
import { Installed } from './installed.ts';
import { runInTime, runProgram, variablesOf } from './programs.ts';
import { embedded, type Server, type Serving } from './server.ts';

export interface LocalOptions {
  readonly told: Told;
  readonly cache: string;
  /** Nothing may be fetched. */
  readonly offline: boolean;
  /** Asked instead of a server of our own: an origin, or the whole URL of what is asked n times. */
  readonly url: URL | null;
  /** What starts abreast itself. */
  readonly abreast: readonly string[];
  /** Programs that run side by side, where the usual number is not wanted. */
  readonly room: number | null;
}

/** Programs on this machine: environments in the cache, and a server for each program. */
export class LocalPlace implements StagesPlace {
  readonly notes: string[] = [];
  readonly room: number;
  readonly #options: LocalOptions;
  readonly #installed: Installed;
  /** What lives as long as this: the server's certificate. */
  readonly #folder = mkdtempSync(join(tmpdir(), 'abreast-stages-'));
  #serving: Serving | undefined;
  #watched = 0;

  constructor(options: LocalOptions) {
    this.#options = options;
    this.room = options.room ?? ROOM;
    this.#installed = new Installed(options);
  }

  async prepare(cells: readonly Cell[], say: Say, signal: AbortSignal): Promise<void> {
    const [serving] = await Promise.all([
      this.#options.url === null ? this.#findServing(say, signal) : undefined,
      this.#installed.prepare(cells, say, signal),
    ]);
    this.#serving = serving;
    if (serving?.note) this.notes.push(serving.note);
  }

  async run(cell: Cell, program: 'serial' | 'concurrent', signal: AbortSignal): Promise<Measured> {
    return this.#served(cell, signal, async (values, server) => {
      const command = this.#commandOf(cell, cell.programs[program].command, values);
      const record = await runProgram(command, variablesOf(cell, values), signal);
      await server?.close();
      return { ...record, inFlight: server?.inFlight() ?? null };
    });
  }

  /** With the command `watch`, in another process, because this one is busy with the other cells. */
  async watch(cell: Cell, signal: AbortSignal): Promise<Verdict> {
    const number = this.#watched++;
    const verdict = join(this.#folder, `verdict-${number}.json`);
    const traces = join(this.#options.cache, 'traces');
    mkdirSync(traces, { recursive: true, mode: 0o700 });
    const trace = join(traces, `${cell.name}-${cell.version}-${cell.protocol}-${cell.n}.jsonl`);
    return this.#served(cell, signal, async (values) => {
      const program = this.#commandOf(cell, cell.programs.concurrent.command, values);
      const words = ['watch', '--json-file', verdict, '--trace', trace, '--', ...program];
      const { err } = await runInTime(
        [...this.#options.abreast, ...words],
        variablesOf(cell, values),
        signal,
      );
      try {
        return JSON.parse(readFileSync(verdict, 'utf8')) as Verdict;
      } catch {
        throw new StagesError(`abreast watch gave no verdict: ${err.trim().split('\n').at(-1)}`);
      }
    });
  }

  async show(cell: Cell, scene: Scene, rest: readonly string[], signal: AbortSignal): Promise<string> {
    const shown = async (values: Values) => {
      const command = this.#commandOf(cell, scene.command, values, rest);
      const { code, out, err } = await runInTime(command, variablesOf(cell, values), signal);
      if (code === 0) return out;
      throw new StagesError(`the scene ${scene.id} ends with ${code}: ${err.trim().split('\n').at(-1)}`);
    };
    return scene.server ? this.#served(cell, signal, shown) : shown(this.#valuesOf(cell, ''));
  }

  async close(): Promise<void> {
    rmSync(this.#folder, { recursive: true, force: true });
  }

  #commandOf(cell: Cell, command: readonly string[], values: Values, rest?: readonly string[]): string[] {
    return [this.#installed.interpreterOf(cell), ...commandOf(command, cell, values, rest)];
  }

  /** Does something with a server of its own, which is gone afterwards. */
  async #served<T>(
    cell: Cell,
    signal: AbortSignal,
    work: (values: Values, server: Server | null) => Promise<T>,
  ): Promise<T> {
    const { url, told } = this.#options;
    if (url !== null) return work(this.#valuesOf(cell, askedAt(url, told.story.path)), null);
    const server = await this.#serving!.start(cell.protocol, signal);
    try {
      return await work(this.#valuesOf(cell, server.origin + told.story.path), server);
    } finally {
      await server.close();
    }
  }

  #valuesOf({ n, runtime }: Cell, url: string): Values {
    return { n: `${n}`, url, story: this.#options.told.folder, runtime: runtime.id };
  }

  async #findServing(say: Say, signal: AbortSignal): Promise<Serving> {
    const { cache, offline } = this.#options;
    const certificate = await makeCertificate();
    let file = findGoHttpbin(cache);
    if (file === undefined) {
      const built = offline
        ? { why: 'go-httpbin is not installed, and --offline forbids to fetch it' }
        : await buildGoHttpbin(cache, say, signal);
      if ('why' in built) return embedded(certificate, built.why);
      file = built.file;
    }
    const files = { cert: join(this.#folder, 'cert.pem'), key: join(this.#folder, 'key.pem') };
    writeFileSync(files.cert, certificate.cert);
    writeFileSync(files.key, certificate.key, { mode: 0o600 });
    return goHttpbin(file, files);
  }
}

/**
 * Cells wait, but they compute when they start and shake hands: with up to 5 on a core the seconds were those of cells
 * that run 3 at a time, with 8 they were more.
 */
const ROOM = 4 * availableParallelism();
