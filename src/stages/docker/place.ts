import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { judgeTrace, type Verdict } from '../../diagnose/index.ts';
import { joinTraces, kitVariables, writeKit } from '../../watch/index.ts';
import type { Cell } from '../cell.ts';
import { run } from '../child.ts';
import { askedAt, commandOf, fill, type Values } from '../commands.ts';
import { StagesError } from '../error.ts';
import { answeredIn, inFlightOf } from '../local/in-flight.ts';
import { runInTime, runProgram } from '../local/programs.ts';
import type { Measured, Say, StagesPlace } from '../place.ts';
import type { Told } from '../stories.ts';
import type { Scene, Scheme } from '../story.ts';
import { type Engine, findEngine } from './engine.ts';
import { listening, Project } from './project.ts';
import { troubleIn } from './trouble.ts';

export interface DockerOptions {
  readonly told: Told;
  /** Where traces are kept. */
  readonly cache: string;
  /** Nothing may be fetched: the images have to be there. */
  readonly offline: boolean;
  /** Asked instead of the servers of the compose file. */
  readonly url: URL | null;
  /** Programs that run side by side, where the usual number is not wanted. */
  readonly room: number | null;
}

/** What the compose file of a story calls its servers, and where they listen. */
const SERVERS: Readonly<Record<Scheme, { readonly service: string; readonly port: number }>> = {
  http: { service: 'http_server', port: 8080 },
  https: { service: 'https_server', port: 8443 },
};

/** What the images are made for: the old pins have no others. */
const ARCHITECTURE = 'amd64';

/** Where the probes lie in a container, and what they write. */
const KIT = '/abreast';
const TRACES = '/tmp/abreast';

/**
 * Programs in the containers of a story's compose file: a service for each stage and runtime. The images have neither
 * Node nor strace, so the probes are put beside the program, and what they wrote is judged here. Files go in and out by
 * `docker cp`, as the engine may be on another machine, or see none of our folders.
 */
export class DockerPlace implements StagesPlace {
  readonly notes: string[] = [];
  readonly room: number;
  readonly #options: DockerOptions;
  readonly #folder = mkdtempSync(join(tmpdir(), 'abreast-docker-'));
  readonly #kits = new Map<string, Promise<void>>();
  #project: Project | undefined;
  #containers: ReadonlyMap<string, string> = new Map();
  /** Runs so far: each has a number of its own in its URL, and so in the server's log. */
  #runs = 0;

  constructor(options: DockerOptions) {
    this.#options = options;
    this.room = options.room ?? ROOM;
  }

  async prepare(cells: readonly Cell[], say: Say, signal: AbortSignal): Promise<void> {
    const { told, offline, url } = this.#options;
    const { docker } = told.story;
    if (docker === undefined)
      throw new StagesError(`the story ${told.story.id} has no containers: leave --docker out`);
    const engine = await findEngine();
    this.#project = new Project(engine, join(told.folder, docker.compose));
    const services = [...new Set(cells.map((cell) => this.#serviceOf(cell)))];
    await this.#project.up(services, offline, say, signal);
    this.#containers = await this.#project.containers(signal);
    if (url === null) await this.#awaitServers(cells, signal);
    this.notes.push(...notesOn(engine));
  }

  async run(cell: Cell, program: 'serial' | 'concurrent', signal: AbortSignal): Promise<Measured> {
    const { values, number } = this.#next(cell);
    const command = this.#commandOf(cell, cell.programs[program].command, values);
    const record = await runProgram(command, process.env, signal);
    if (cell.version !== '' && !record.version.startsWith(`${cell.version}.`))
      throw new StagesError(
        `the service ${this.#serviceOf(cell)} has Python ${record.version}, not ${cell.version}`,
      );
    // The log of a server that is not ours is not seen.
    const inFlight = this.#options.url ? null : await this.#inFlight(cell.protocol, number, signal);
    return { ...record, inFlight };
  }

  async watch(cell: Cell, signal: AbortSignal): Promise<Verdict> {
    const container = this.#containerOf(this.#serviceOf(cell));
    await this.#kitIn(container, signal);
    const { values, number } = this.#next(cell);
    const traces = `${TRACES}/${number}`;
    await this.#docker(['exec', container, 'mkdir', '-p', traces], signal);
    const probes = kitVariables(KIT, `${traces}/%p.jsonl`);
    await runProgram(
      this.#commandOf(cell, cell.programs.concurrent.command, values, [], probes),
      process.env,
      signal,
    );
    const here = join(this.#folder, `${number}`);
    await this.#docker(['cp', `${container}:${traces}`, here], signal);
    const written = readdirSync(here).map((name) => join(here, name));
    if (written.length === 0) throw new StagesError(`${container}: the probes wrote no trace`);
    return (await judgeTrace(await this.#kept(cell, written))).verdict;
  }

  async show(cell: Cell, scene: Scene, rest: readonly string[], signal: AbortSignal): Promise<string> {
    const command = this.#commandOf(cell, scene.command, this.#next(cell).values, rest);
    const { code, out, err } = await runInTime(command, process.env, signal);
    if (code === 0) return out;
    throw new StagesError(`the scene ${scene.id} ends with ${code}: ${troubleIn(err)}`);
  }

  async close(): Promise<void> {
    rmSync(this.#folder, { recursive: true, force: true });
    await this.#project?.down();
  }

  /** Both servers answer connections, as seen from a container of the first stage. */
  async #awaitServers(cells: readonly Cell[], signal: AbortSignal): Promise<void> {
    const [first] = cells;
    const from = this.#containerOf(this.#serviceOf(first!));
    const protocols = new Set(cells.map(({ protocol }) => protocol));
    for (const protocol of protocols) {
      const { service, port } = SERVERS[protocol];
      await listening(from, first!.runtime.language, service, port, signal);
    }
  }

  /** What the server had in flight of a run, by its log. */
  async #inFlight(protocol: Scheme, number: number, signal: AbortSignal): Promise<Measured['inFlight']> {
    const server = this.#containerOf(SERVERS[protocol].service);
    const { out, err } = await run(['docker', 'logs', '--since', LOG_AGE, server], { signal });
    const answered = `${out}\n${err}`.split('\n').map(answeredIn);
    return inFlightOf(answered.filter((each) => each?.uri.includes(`?run=${number}&`)).map((each) => each!));
  }

  #serviceOf({ stage, runtime }: Cell): string {
    return this.#options.told.story
      .docker!.service.replace('{stage}', `${stage.id}`)
      .replace('{runtime}', runtime.id);
  }

  #containerOf(service: string): string {
    const container = this.#containers.get(service);
    if (container === undefined)
      throw new StagesError(`the service ${service} does not run: see docker compose logs ${service}`);
    return container;
  }

  /** What the next run asks for: the programs lie where their image starts them. */
  #next({ n, runtime, protocol }: Cell): { readonly values: Values; readonly number: number } {
    const { url, told } = this.#options;
    const number = ++this.#runs;
    const { service, port } = SERVERS[protocol];
    const own = `${protocol}://${service}:${port}${told.story.path}?run=${number}`;
    const asked = url === null ? own : askedAt(url, told.story.path);
    return { values: { n: `${n}`, url: asked, story: '.', runtime: runtime.id }, number };
  }

  #commandOf(
    cell: Cell,
    command: readonly string[],
    values: Values,
    rest: readonly string[] = [],
    variables: readonly string[] = [],
  ): string[] {
    const { environment } = cell.run;
    const set = Object.entries(environment).map(([name, value]) => `${name}=${fill(value, values)}`);
    return [
      ...['docker', 'exec', this.#containerOf(this.#serviceOf(cell))],
      ...['env', ...set, ...variables, cell.runtime.language],
      ...commandOf(command, cell, values, rest),
    ];
  }

  /** Puts the probes into a container, once. */
  #kitIn(container: string, signal: AbortSignal): Promise<void> {
    const known = this.#kits.get(container);
    if (known !== undefined) return known;
    const kit = join(this.#folder, 'kit');
    writeKit(kit);
    const copied = this.#docker(['cp', kit, `${container}:${KIT}`], signal);
    this.#kits.set(container, copied);
    return copied;
  }

  /** The traces of a run as one, where those of other runs are kept. */
  async #kept({ name, version, protocol, n }: Cell, written: readonly string[]): Promise<string> {
    const trace = join(this.#options.cache, 'traces', `docker-${name}-${version}-${protocol}-${n}.jsonl`);
    mkdirSync(dirname(trace), { recursive: true, mode: 0o700 });
    await joinTraces(written, trace);
    return trace;
  }

  async #docker(words: readonly string[], signal: AbortSignal): Promise<void> {
    const { code, out, err } = await run(['docker', ...words], { signal });
    if (code !== 0) throw new StagesError(`docker ${words[0]}: ${troubleIn(`${out}\n${err}`)}`);
  }
}

/** Fewer than without containers: starting a program in one costs its core more. */
const ROOM = 2 * availableParallelism();

/** How far back a server's log is read for a run: longer than any may take. */
const LOG_AGE = '10m';

function notesOn({ architecture }: Engine): string[] {
  if (architecture === ARCHITECTURE) return [];
  return [`The images are for ${ARCHITECTURE} and run emulated on ${architecture}: times are longer.`];
}
