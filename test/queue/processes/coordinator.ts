/** A report whose chunks go through a queue, in a process of its own, which a test can kill. */

import { openDistribution, type QueueOptions } from '../../../src/queue/coordinator/distribution.ts';
import { readReport } from '../../../src/report/file/index.ts';
import type { RunMode } from '../../../src/report/index.ts';
import { runReport } from '../../../src/report/index.ts';
import { SHORT } from '../timings.ts';

interface Asked extends Omit<QueueOptions, 'tell'> {
  readonly file: string;
  readonly mode: RunMode;
  readonly out: string;
}

const { file, mode, out, ...options } = JSON.parse(process.argv[2]!) as Asked;
try {
  const tell = (text: string) => console.log(JSON.stringify({ tell: text }));
  const distribution = await openDistribution({ ...options, tell }, SHORT);
  const report = await readReport(file, process.env);
  const run = runReport(report, {
    mode,
    out,
    workers: 1,
    version: '0',
    command: [],
    warnings: [],
    distribution,
  });
  process.once('SIGTERM', () => run.stop('SIGTERM'));
  const { finished, exitCode } = await run.finished;
  console.log(JSON.stringify({ finished, exitCode }));
} catch (error) {
  console.log(JSON.stringify({ failed: (error as Error).message }));
}
