import { collect, judgeSource, noEvidence, settle, timesOf } from '../../diagnose/index.ts';
import { openTraceFile } from '../../formats/index.ts';
import { type TextPage, textPageLines } from '../../view/index.ts';
import { UsageError } from '../usage.ts';
import type { ViewFlags } from '../view.ts';
import { judgeOptions } from '../watch/verdict.ts';

/** Exchanges that the waterfall shows. */
const MOST_SHOWN = 60;

/** Prints recordings as text, one after the other. @throws UsageError, TraceError */
export async function runText(traces: readonly string[], flags: ViewFlags): Promise<void> {
  if (flags.output !== undefined) throw new UsageError('--text prints to standard output: leave out -o');
  for (const [at, trace] of traces.entries()) {
    if (at > 0) console.log('');
    for (const line of textPageLines(await pageOf(trace, flags), process.stdout)) console.log(line);
  }
}

async function pageOf(trace: string, flags: ViewFlags): Promise<TextPage> {
  const options = judgeOptions(flags);
  const { verdict } = await judgeSource(await openTraceFile(trace), options);
  const source = await openTraceFile(trace);
  const evidence = noEvidence();
  for await (const batch of source)
    for (const record of batch)
      if (record.kind !== 'exchange' || options.counts?.(record.origin) !== false) collect(evidence, record);
  settle(evidence);
  const exchanges = evidence.exchange
    .flatMap((exchange) => {
      const times = timesOf(exchange);
      return times === undefined ? [] : [{ exchange, wanted: times.wanted }];
    })
    .sort((a, b) => a.wanted - b.wanted)
    .slice(0, MOST_SHOWN)
    .map(({ exchange }) => exchange);
  return { name: trace, verdict, run: source.run, exchanges, evidence };
}
