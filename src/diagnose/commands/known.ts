/**
 * What limits the requests of a program:
 * - `load`: it keeps so many under way as long as it runs: so many are wanted.
 * - `list`: it works off a list, so many at a time.
 * - `children`: the same, each in a process of its own.
 * - `clock`: it sends by the clock, whatever is under way.
 */
export type Mode = 'load' | 'list' | 'children' | 'clock';

/** A program whose arguments say how many requests it has under way. */
export interface Known {
  readonly mode: Mode;
  /** Options that say how many, the one to name first. */
  readonly options: readonly string[];
  /** How many it is without them; absent: not known. 'cpus': one for each CPU. */
  readonly usual?: number | 'cpus';
  /** Options whose number multiplies it: streams of a connection. */
  readonly times?: readonly string[];
  /** Only with one of these options; without it, one at a time. */
  readonly needs?: readonly string[];
  /** Only as one of these commands: the second word. */
  readonly only?: readonly string[];
  /** Short options may be joined: `-0P4`, `-sZ`. */
  readonly together?: true;
}

const load = (options: string, more: Partial<Known> = {}): Known => known('load', options, more);
const list = (options: string, more: Partial<Known> = {}): Known => known('list', options, more);
const children = (options: string, more: Partial<Known> = {}): Known => known('children', options, more);
const clock = (options: string): Known => known('clock', options, {});

function known(mode: Mode, options: string, more: Partial<Known>): Known {
  return { mode, options: options.split(' ').filter(Boolean), ...more };
}

/** By the name of the program. Each figure is from the program's own manual. */
export const KNOWN: Readonly<Record<string, Known>> = {
  // Load generators.
  ab: load('-c', { usual: 1, together: true }),
  ali: clock('--rate -r'),
  autocannon: load('-c --connections', { usual: 10, times: ['-p', '--pipelining'] }),
  bombardier: load('-c --connections', { usual: 125 }),
  cassowary: load('-c --concurrency', { usual: 1 }),
  drill: load('--concurrency -c'),
  fortio: load('-c', { usual: 4, only: ['load'] }),
  h2load: load('-c --clients', { usual: 1, times: ['-m', '--max-concurrent-streams'] }),
  hey: load('-c', { usual: 50 }),
  http_load: load('-parallel'),
  httperf: clock('--rate'),
  k6: load('--vus -u', { only: ['run'] }),
  loadtest: load('-c --concurrency', { usual: 10 }),
  locust: load('-u --users'),
  oha: load('-c', { usual: 50, times: ['-p'] }),
  plow: load('-c --concurrency', { usual: 1 }),
  rewrk: load('-c --connections', { usual: 1 }),
  siege: load('-c --concurrent', { together: true }),
  vegeta: clock('-rate --rate'),
  wrk: load('-c --connections', { usual: 10 }),
  wrk2: clock('-R --rate'),

  // Downloads of a list.
  aria2c: list('-j --max-concurrent-downloads', { usual: 5, times: ['-x', '--max-connection-per-server'] }),
  axel: list('-n --num-connections', { usual: 4 }),
  curl: list('--parallel-max', { usual: 50, needs: ['-Z', '--parallel'], together: true }),
  httrack: list('-c --sockets', { usual: 4 }),
  rclone: list('--transfers', { usual: 4 }),
  s5cmd: list('--numworkers', { usual: 256 }),
  wget2: list('--max-threads', { usual: 5 }),
  'yt-dlp': list('-N --concurrent-fragments', { usual: 1 }),

  // Scanners and crawlers.
  feroxbuster: list('-t --threads', { usual: 50 }),
  ffuf: list('-t', { usual: 40 }),
  gobuster: list('-t --threads', { usual: 10 }),
  katana: list('-c -concurrency', { usual: 10 }),
  linkchecker: list('-t --threads', { usual: 10 }),
  lychee: list('--max-concurrency', { usual: 128 }),
  muffet: list('-c --max-connections', { usual: 512 }),
  nuclei: list('-c -concurrency', { usual: 25 }),
  wfuzz: list('-t', { usual: 10 }),

  // Package managers and the like.
  apt: list('Acquire::http::Pipeline-Depth', { usual: 10 }),
  'apt-get': list('Acquire::http::Pipeline-Depth', { usual: 10 }),
  bun: list('--network-concurrency', { usual: 48, only: ['install', 'i', 'add', 'update'] }),
  bundle: list('-j --jobs', { usual: 'cpus' }),
  composer: list('COMPOSER_MAX_PARALLEL_HTTP', { usual: 12 }),
  git: list('http.maxRequests', { usual: 5 }),
  npm: list('--maxsockets', { usual: 15 }),
  pnpm: list('--network-concurrency'),
  terraform: list('-parallelism', { usual: 10 }),
  uv: list('UV_CONCURRENT_DOWNLOADS', { usual: 50 }),
  yarn: list('--network-concurrency', { usual: 8 }),

  // Programs that run others concurrently.
  ansible: children('-f --forks', { usual: 5 }),
  'ansible-playbook': children('-f --forks', { usual: 5 }),
  make: children('-j --jobs', { usual: 1, together: true }),
  parallel: children('-j --jobs -P --max-procs', { usual: 'cpus', together: true }),
  pytest: children('-n --numprocesses'),
  xargs: children('-P --max-procs', { usual: 1, together: true }),
};
