import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TraceRecord } from '../../../src/trace/index.ts';
import { node as probe } from '../../../src/watch/recorders/node/index.ts';
import { outputVariables } from '../../../src/watch/recorders/probe.ts';

export interface Ran {
  readonly exitCode: number | null;
  readonly output: string;
  /** Of each file that was written, by its name. */
  readonly traces: ReadonlyMap<string, TraceRecord[]>;
  /** Of the first process. */
  readonly records: TraceRecord[];
}

/** Runs a program under the recorder (`recorded: false`: without), as a file of its own. */
export async function run(
  node: string,
  program: string,
  options: { environment?: NodeJS.ProcessEnv; recorded?: boolean; name?: string } = {},
): Promise<Ran> {
  const folder = mkdtempSync(join(tmpdir(), 'abreast-test-'));
  try {
    const file = join(folder, options.name ?? 'program.cjs');
    writeFileSync(file, program);
    const plain = {
      ...process.env,
      NODE_TLS_REJECT_UNAUTHORIZED: '0',
      NODE_NO_WARNINGS: '1',
      ...options.environment,
    };
    const environment =
      options.recorded === false
        ? plain
        : {
            ...plain,
            ...probe.variables(probe.file, plain),
            ...outputVariables(join(folder, 'trace.jsonl')),
          };
    const child = spawn(node, [file], { env: environment, cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => {
        output += text;
      });
    }
    const exitCode = await new Promise<number | null>((resolve, reject) => {
      child.once('error', reject);
      child.once('close', resolve);
    });
    const names = readdirSync(folder).filter((name) => name.endsWith('.jsonl'));
    const traces = new Map(names.map((name) => [name, read(join(folder, name))]));
    return {
      exitCode,
      output: output.replaceAll(folder, ''),
      traces,
      records: traces.get('trace.jsonl') ?? [],
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function read(path: string): TraceRecord[] {
  const lines = readFileSync(path, 'utf8').trimEnd().split('\n');
  return lines.map((line) => JSON.parse(line) as TraceRecord);
}

export function of<Kind extends TraceRecord['kind']>(
  kind: Kind,
  records: readonly TraceRecord[],
): Extract<TraceRecord, { kind: Kind }>[] {
  return records.filter((each) => each.kind === kind) as never;
}

type Step = 'wantedUs' | 'calledUs' | 'dispatchedUs' | 'connectedUs' | 'sentUs';

/** The mean number of exchanges at or beyond a step, while at least one was asked and not read. */
export function level(records: readonly TraceRecord[], step: Step): number {
  const exchanges = of('exchange', records).filter((each) => typeof each.readUs === 'number');
  const spans = exchanges
    .map((each) => [each.wantedUs!, each.readUs!] as const)
    .sort(([one], [other]) => one - other);
  let busyUs = 0;
  let endUs = Number.NEGATIVE_INFINITY;
  for (const [fromUs, toUs] of spans) {
    if (toUs <= endUs) continue;
    busyUs += toUs - Math.max(fromUs, endUs);
    endUs = toUs;
  }
  return exchanges.reduce((sum, each) => sum + each.readUs! - (each[step] ?? each.readUs!), 0) / busyUs;
}
