import { judgeSource } from '../../diagnose/index.ts';
import { openTraceFile } from '../../formats/index.ts';
import { writePicture } from '../../page/index.ts';
import { UsageError } from '../usage.ts';
import type { ViewFlags } from '../view.ts';
import { judgeOptions } from '../watch/verdict.ts';

/** Whether a file is to be a picture, by the end of its name. */
export function isPicture(file: string): boolean {
  return /\.svg$/i.test(file);
}

/** Writes a trace as an SVG. @throws UsageError, TraceError */
export async function runPicture(traces: readonly string[], file: string, flags: ViewFlags): Promise<void> {
  const [trace, second] = traces;
  if (second !== undefined)
    throw new UsageError(`${file}: a picture has one trace. Draw ${trace} and ${second} one by one.`);
  if (flags.open) throw new UsageError(`--open is for a page: ${file} is none`);
  const options = judgeOptions(flags);
  const { verdict } = await judgeSource(await openTraceFile(trace!), options);
  const { bytes, shown, of } = await writePicture(file, await openTraceFile(trace!), verdict, options.counts);
  if (flags.json) {
    console.log(JSON.stringify({ version: 1, file, bytes, traces, shown, of }));
    return;
  }
  if (shown < of) console.error(`The run has ${of} exchanges: ${file} shows the ${shown} longest.`);
  console.log(file);
}
