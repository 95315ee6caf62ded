import { filesWritten } from '../dump-paths.ts';
import type { Report, RowsFrom } from '../report.ts';

/** The files that a report names: SQL may read and write these and no others. */
export function accessOf(report: Report, startedAt: Date): readonly string[] {
  const read = [report.rows, ...report.requests.map(({ rows }) => rows)].flatMap(filesOf);
  const written = report.dumps.flatMap((dump) => filesWritten(dump, report, startedAt));
  return [...read, ...written];
}

function filesOf(rows: RowsFrom | null): readonly string[] {
  if (rows === null || 'inline' in rows) return [];
  return 'sql' in rows ? Object.values(rows.files).map(({ file }) => file) : [rows.file];
}
