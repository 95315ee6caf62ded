import { checkSql, openTables, outlookOf, readReport } from '../../report/index.ts';
import type { ReportFlags } from './options.ts';
import { outlookJson, outlookLines } from './outlook.ts';

/** Looks a report file over without sending anything, and prints what it would do. @throws what is wrong with it */
export async function checkFile(file: string, { json, quiet }: ReportFlags): Promise<number> {
  const report = await readReport(file, process.env);
  await checkSql(report);
  const tables = await openTables(report, { folder: null, startedAt: new Date() });
  try {
    const outlook = await outlookOf(report, tables);
    if (json) console.log(JSON.stringify(outlookJson(report, outlook), null, 2));
    else if (!quiet) for (const line of outlookLines(report, outlook)) console.log(line);
    return 0;
  } finally {
    await tables.close();
  }
}
