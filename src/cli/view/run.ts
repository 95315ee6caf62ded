import { judgeSource } from '../../diagnose/index.ts';
import { openTraceFile } from '../../formats/index.ts';
import { version } from '../../package/index.ts';
import { writePage } from '../../page/index.ts';
import type { ViewFlags } from '../view.ts';

/** Does what a command line of view says. @throws TraceError */
export async function runView(trace: string, { output }: ViewFlags): Promise<void> {
  const { verdict } = await judgeSource(await openTraceFile(trace));
  const run = { name: trace, verdict, trace: await openTraceFile(trace) };
  const { path, bytes } = await writePage(output!, [run], version());
  console.log(`${path}  ${(bytes / 1000).toFixed(0)} kB`);
}
