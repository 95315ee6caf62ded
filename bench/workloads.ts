/** A list of GETs, and how many of them at once. */
export interface Workload {
  readonly id: string;
  readonly title: string;
  readonly count: number;
  readonly concurrency: number;
  /** Bytes of each body. */
  readonly size: number;
  /** What it takes with no cost but the server's delay, in seconds; null where there is no delay to wait for. */
  readonly idealSeconds: number | null;
  /** Hosts are names that the bench's own resolver knows, in a network namespace of their own. */
  readonly names: boolean;
  /** At least this many rounds: what is short is measured more often. */
  readonly minRounds: number;
  url(index: number, port: number): string;
}

const KB = 1024;

/** The host of an origin of its own: every 127.x.y.z is this machine. */
function address(origin: number): string {
  return `127.0.${Math.floor(origin / 250)}.${1 + (origin % 250)}`;
}

/** Visits 0..count-1 in a fixed order that looks like none; `step` is prime, and no divisor of `count`. */
function shuffled(index: number, count: number): number {
  return (index * 7919) % count;
}

function delayed(id: string, title: string, count: number, concurrency: number): Workload {
  const url = (index: number, port: number) => `https://127.0.0.1:${port}/delay/0.1?size=${KB}&i=${index}`;
  const idealSeconds = (count / concurrency) * 0.1;
  return { id, title, count, concurrency, size: KB, idealSeconds, names: false, minRounds: 1, url };
}

function immediate(id: string, title: string, count: number, concurrency: number, size: number): Workload {
  const url = (index: number, port: number) => `https://127.0.0.1:${port}/bytes/${size}?i=${index}`;
  const minRounds = count === 1 ? 7 : 1;
  return { id, title, count, concurrency, size, idealSeconds: null, names: false, minRounds, url };
}

function manyOrigins(id: string, title: string, origins: number, host: (origin: number) => string): Workload {
  const count = origins * 10;
  const url = (index: number, port: number) =>
    `https://${host(shuffled(index, count) % origins)}:${port}/delay/0.02?size=${KB}&i=${index}`;
  const names = id === 'W5';
  return {
    id,
    title,
    count,
    concurrency: 200,
    size: KB,
    idealSeconds: count * 0.0001,
    names,
    minRounds: 1,
    url,
  };
}

/** All workloads, `scale` times as many GETs (0.1 for a quick look; the start stays one GET). */
export function workloads(scale = 1): readonly Workload[] {
  return [
    immediate('start', 'one GET: start-up to the end of the process', 1, 1, KB),
    delayed('W1a', 'GETs of 100 ms and 1 KB, 100 at once', 1_000 * scale, 100),
    delayed('W1b', 'GETs of 100 ms and 1 KB, 1,000 at once', 10_000 * scale, 1_000),
    immediate('W2', 'GETs without delay of 1 KB, 100 at once', 50_000 * scale, 100, KB),
    manyOrigins(
      'W3',
      'GETs of 20 ms and 1 KB over 1 origin for every 10, 200 at once',
      1_000 * scale,
      address,
    ),
    immediate('W4', 'GETs without delay of 1 MB, 32 at once', 1_000 * scale, 32, KB * KB),
    manyOrigins(
      'W5',
      'GETs as W3, over names with 50 ms of DNS, one in ten with a dead IPv6 address',
      3_000 * scale,
      (origin) => `n${origin}.bench.test`,
    ),
  ];
}
