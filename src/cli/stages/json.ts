import type { Measured, Result } from '../../stages/index.ts';

/** What `--json` prints. */
export function jsonOf(
  story: string,
  notes: readonly string[],
  results: readonly Result[],
  wallMs: number,
): object {
  return {
    version: 1,
    story,
    asExpected: results.every(({ asExpected }) => asExpected !== false),
    wallMs: Math.round(wallMs),
    notes,
    cells: results.map(cellJson),
  };
}

function cellJson({
  cell,
  serial,
  concurrent,
  beside,
  came,
  asExpected,
  verdict,
  scenes,
  trouble,
}: Result): object {
  const { name, stage, run, programs, runtime, version, interpreter, protocol, n, expected } = cell;
  return {
    stage: name,
    title: run.title ?? stage.title,
    runtime: `${runtime.language} ${version}`,
    interpreter: serial?.version ?? interpreter?.version ?? null,
    protocol,
    n,
    serial: measuredJson(programs.serial.name, serial),
    concurrent: measuredJson(programs.concurrent.name, concurrent),
    beside,
    came,
    expected,
    asExpected,
    verdict,
    scenes: scenes.map(({ scene, text }) => ({ id: scene.id, text })),
    trouble,
  };
}

function measuredJson(program: string, measured: Measured | null): object | null {
  if (measured === null) return null;
  const { seconds, ok, inFlight, socket, modules, errors } = measured;
  return { program, seconds, ok, inFlight, socket, modules, errors };
}
