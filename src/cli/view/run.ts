import { tmpdir } from 'node:os';
import { judgeSource } from '../../diagnose/index.ts';
import { exportEnding, openTraceFile } from '../../formats/index.ts';
import { newestTrace, traceFolder } from '../../watch/index.ts';
import { type Shown, writeHtml } from '../html.ts';
import { refusePipe } from '../path.ts';
import { UsageError } from '../usage.ts';
import type { ViewFlags } from '../view.ts';
import { judgeOptions } from '../watch/verdict.ts';
import { refuseOtherEnding, runExport } from './export.ts';
import { openInBrowser } from './open.ts';
import { isPicture, runPicture } from './picture.ts';
import { placeOfPage } from './place.ts';
import { runText } from './text.ts';

/** Does what a command line of view says. @throws UsageError, TraceError */
export async function runView(given: readonly string[], flags: ViewFlags): Promise<void> {
  const traces = given.length === 0 ? [newestKept()] : given;
  if (traces.length > 2)
    throw new UsageError(`a page shows one trace, or two beside each other: ${traces.length} were given`);
  for (const trace of traces) refusePipe(trace, 'view');
  if (flags.text) return runText(traces, flags);
  if (flags.output !== undefined) {
    const ending = exportEnding(flags.output);
    if (ending !== undefined) return runExport(traces, flags.output, ending, flags);
    if (isPicture(flags.output)) return runPicture(traces, flags.output, flags);
    refuseOtherEnding(flags.output);
  }
  const shown: Shown[] = [];
  for (const trace of traces) shown.push(await shownOf(trace, flags));
  const { path, bytes, samples } = await writeHtml(flags.output ?? placeOfPage(traces[0]!), shown);
  const opens = flags.open ?? (flags.output === undefined && !flags.json);
  const opened = opens && (await openInBrowser(path));
  if (flags.json) {
    console.log(JSON.stringify({ version: 1, page: path, bytes, traces, samples, opened }));
    return;
  }
  for (const sample of samples)
    if (sample !== null)
      console.error(
        `The run has ${sample.of} exchanges, and the page shows ${sample.shown} of them; its verdict is of all. --only ORIGIN shows one origin.`,
      );
  console.log(opened ? `${path}  (opened in the browser)` : path);
}

async function shownOf(trace: string, flags: ViewFlags): Promise<Shown> {
  const options = judgeOptions(flags);
  const { verdict } = await judgeSource(await openTraceFile(trace), options);
  return { trace, verdict, ...(options.counts !== undefined && { counts: options.counts }) };
}

/** @throws UsageError */
function newestKept(): string {
  const folders = [traceFolder(), `${tmpdir()}/abreast-traces`];
  for (const folder of folders) {
    const newest = newestTrace(folder);
    if (newest !== undefined) return newest;
  }
  throw new UsageError(
    `there is no trace in ${folders[0]} yet: name a trace, or record one with abreast watch`,
  );
}
