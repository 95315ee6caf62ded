import type { TraceRecord } from '../records.ts';
import { redactArgv } from './argv.ts';
import { redactText } from './text.ts';
import { redactUrl } from './url.ts';

/** The record without secrets; the same object when it holds none. All writers of traces use this. */
export function redactRecord(record: TraceRecord): TraceRecord {
  switch (record.kind) {
    case 'exchange': {
      const url = record.url === undefined ? undefined : redactUrl(record.url);
      const error = typeof record.error === 'string' ? redactText(record.error) : record.error;
      if (url === record.url && error === record.error) return record;
      return { ...record, ...(url !== undefined && { url }), ...(error !== undefined && { error }) };
    }
    case 'run':
      return { ...record, command: redactArgv(record.command) };
    case 'process':
      return record.argv === undefined ? record : { ...record, argv: redactArgv(record.argv) };
    case 'stack':
      return { ...record, frames: record.frames.map((frame) => ({ ...frame, file: redactUrl(frame.file) })) };
    case 'note':
      return { ...record, text: redactText(record.text) };
    case 'environment':
      return JSON.parse(JSON.stringify(record), (_key, value) =>
        typeof value === 'string' ? redactText(value) : value,
      );
    default:
      return record;
  }
}
