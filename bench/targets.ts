import type { Row } from './summary.ts';

/** Something abreast is to reach, and whether it did. `met` is null when it was not measured. */
export interface Target {
  readonly text: string;
  readonly measured: string;
  readonly met: boolean | null;
}

type Table = ReadonlyMap<string, readonly Row[]>;

/** The goals of issue 3 ('How good'), compared with the medians of this run. */
export function targets(table: Table): readonly Target[] {
  return [
    startUp(table),
    ...nearIdeal(table, 'h2', 1.05, 97),
    ...nearIdeal(table, 'h1', 1.12, 90),
    ...[ofGo(table, 'W1b', 1.0), ofGo(table, 'W2', 1.1), ofGo(table, 'W3', 1.0), ofGo(table, 'W4', 1.3)],
    ...['W1b', 'W2', 'W3', 'W4'].flatMap((id) => [
      aheadOfLibraries(table, id, 'wall', (row) => row.wallSeconds),
      aheadOfLibraries(table, id, 'CPU', (row) => row.cpuMicrosPerRequest),
    ]),
    namesCostLittle(table),
  ];
}

function find(table: Table, id: string, peer: string): Row | undefined {
  return table.get(id)?.find((row) => row.peer === peer && row.problem === null);
}

function target(text: string, value: number | null, limit: number, measured: string): Target {
  return value === null
    ? { text, measured: 'not measured', met: null }
    : { text, measured, met: value <= limit };
}

function ratio(text: string, value: number | undefined | null, limit: number): Target {
  return target(text, value ?? null, limit, `${value?.toFixed(2)}x`);
}

function startUp(table: Table): Target {
  const ours = find(table, 'start', 'abreast');
  const floor = find(table, 'start', 'node:tls floor');
  return ratio(
    'start-up <= 1.6x of bare node:tls',
    ours && floor && ours.wallSeconds / floor.wallSeconds,
    1.6,
  );
}

function nearIdeal(table: Table, protocol: 'h1' | 'h2', factor: number, inFlight: number): readonly Target[] {
  const row = find(table, 'W1a', `abreast ${protocol}`);
  const start = find(table, 'start', 'abreast');
  // W1a at any scale has an ideal of 0.1 s for each 100 GETs.
  const ideal = row && (Math.round(row.requestsPerSecond * row.wallSeconds) / 100) * 0.1;
  const ofIdeal = row && start && ideal && (row.wallSeconds - start.wallSeconds) / ideal;
  const mean = row?.inFlightMean;
  return [
    ratio(`W1a ${protocol} <= ${factor}x of the ideal after start-up`, ofIdeal, factor),
    target(
      `W1a ${protocol} mean in flight >= ${inFlight}`,
      mean === undefined ? null : -mean,
      -inFlight,
      `${mean?.toFixed(1)}`,
    ),
  ];
}

function ofGo(table: Table, id: string, limit: number): Target {
  return ratio(`${id} <= ${limit.toFixed(1)}x of Go's net/http`, find(table, id, 'abreast')?.ofGo, limit);
}

function aheadOfLibraries(table: Table, id: string, what: string, value: (row: Row) => number): Target {
  const ours = find(table, id, 'abreast');
  const others = (table.get(id) ?? []).filter(
    (row) => (row.kind === 'Node' || row.kind === 'Python') && row.problem === null,
  );
  const best = others.sort((a, b) => value(a) - value(b))[0];
  const text = `${id} ahead of every Node and Python peer in ${what}`;
  if (!ours || !best) return { text, measured: 'not measured', met: null };
  const share = value(ours) / value(best);
  return { text, measured: `${share.toFixed(2)}x of ${best.peer}`, met: share < 1 };
}

function namesCostLittle(table: Table): Target {
  const [w3, w5] = [find(table, 'W3', 'abreast'), find(table, 'W5', 'abreast')];
  return ratio(
    "W5 <= 1.5x of W3's time per request",
    w3 && w5 && w3.requestsPerSecond / w5.requestsPerSecond,
    1.5,
  );
}

/** A line a target. */
export function targetLines(all: readonly Target[]): string {
  const word = (met: boolean | null) => (met === null ? '-' : met ? 'ok' : 'MISSED');
  return all.map(({ text, measured, met }) => `${word(met).padEnd(7)}${text}: ${measured}`).join('\n');
}
