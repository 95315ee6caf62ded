import { EXPORT_ENDINGS, type ExportEnding, exportTrace, openTraceFile } from '../../formats/index.ts';
import { version } from '../../package/index.ts';
import { UsageError } from '../usage.ts';
import type { ViewFlags } from '../view.ts';
import { judgeOptions } from '../watch/verdict.ts';

/** Writes a trace into a file of another program's format. @throws UsageError, TraceError */
export async function runExport(
  traces: readonly string[],
  file: string,
  ending: ExportEnding,
  flags: ViewFlags,
): Promise<void> {
  const [trace, second] = traces;
  if (second !== undefined)
    throw new UsageError(`${file}: such a file has one trace. Export ${trace} and ${second} one by one.`);
  if (flags.open) throw new UsageError(`--open is for a page: ${file} is none`);
  const { counts } = judgeOptions(flags);
  const recorded = { open: () => openTraceFile(trace!), ...(counts !== undefined && { counts }) };
  const bytes = await exportTrace(file, ending, recorded, version());
  console.log(flags.json ? JSON.stringify({ version: 1, file, bytes, traces }) : file);
}

/** A name that ends like neither a page nor an export, and is meant to be something else. @throws UsageError */
export function refuseOtherEnding(file: string): void {
  const [ending = ''] = /\.[a-z]\w*$/i.exec(file) ?? [];
  if (ending === '' || /^\.html?$/i.test(ending)) return;
  throw new UsageError(
    `${file}: a file ends in .html (a page), .svg (a picture), or in ${EXPORT_ENDINGS.join(', ')} (an export)`,
  );
}
