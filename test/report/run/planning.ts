// Plans the rows of a report: the path of the report, the path of an empty folder. Prints what it took of memory, in MB.
import { readFileSync } from 'node:fs';
import { openTables } from '../../../src/report/crunch/index.ts';
import { readReport } from '../../../src/report/file/index.ts';
import { rowsFile, writeRows } from '../../../src/report/run/rows.ts';

const [file, folder] = process.argv.slice(2) as [string, string];
const before = peakMb();
const report = await readReport(file, process.env);
const tables = await openTables(report, { folder, startedAt: new Date() });
const { count } = await writeRows(rowsFile(folder, 'rows'), tables.rows(report.rows!), report);
await tables.addRows(rowsFile(folder, 'rows'));
await tables.close();
console.log(JSON.stringify({ count, grownMb: Math.round(peakMb() - before) }));

/** proc(5). */
function peakMb(): number {
  return Number(/^VmHWM:\s+(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8'))![1]) / 1024;
}
