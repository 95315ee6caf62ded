import { stringify } from 'csv-stringify/sync';
import { csvSafe } from './csv-safe.ts';
import type { RowWriter } from './jsonl.ts';
import { type Keep, toRecord } from './record.ts';

/** The columns: the keys of schema/result.json, `error` as two; `data` and `headers` hold JSON. */
const COLUMNS = [
  'index',
  'input',
  'data',
  'url',
  'finalUrl',
  'status',
  'errorCode',
  'errorText',
  'attempts',
  'startedAt',
  'waitMs',
  'connectMs',
  'ttfbMs',
  'totalMs',
  'bytes',
  'headers',
  'body',
  'bodyEncoding',
] as const;

/** The first line of a CSV output. */
export const CSV_HEADER = `${COLUMNS.join(',')}\n`;

/** Writes results as CSV (RFC 4180), null as nothing. `safe`: no cell is a formula. */
export function csvWriter(keep: Keep, safe: boolean): RowWriter {
  const cast = safe ? { string: csvSafe, object: (value: object) => csvSafe(JSON.stringify(value)) } : {};
  return (batch, result, index) => {
    const { error, ...record } = toRecord(result, index, keep);
    const row = { ...record, errorCode: error?.code, errorText: error?.text };
    batch.text(stringify([row], { columns: [...COLUMNS], cast }));
  };
}
