import type { Path } from '../../document/index.ts';
import type { Dump } from '../report.ts';
import { dumpKind } from './rules.ts';
import type { DumpEntry } from './schema.ts';
import type { Site } from './site.ts';

export function buildDump(entry: DumpEntry, path: Path, site: Site): Dump {
  return { table: entry.table, place: site.place([...path, 'table']), to: targetOf(entry, path, site) };
}

function targetOf(entry: DumpEntry, path: Path, site: Site): Dump['to'] {
  const to = site.filled(entry.to);
  const kind = dumpKind({ to, format: entry.format });
  switch (kind) {
    case 'terminal':
      return { kind };
    case 'webhook':
      return {
        kind,
        url: site.template([...path, 'to']),
        headers: Object.keys(entry.headers ?? {}).map((name) => ({
          name: name.toLowerCase(),
          value: site.template([...path, 'headers', name]),
        })),
      };
    case 'duckdb':
      return { kind, path: to, mode: entry.mode ?? 'replace', key: [entry.key ?? []].flat() };
    case 'csv':
      return { kind, path: to, ...(entry.csvSafe && { csvSafe: true }) };
    case null:
      throw new Error('a dump of no kind passed the schema');
    default:
      return { kind, path: to };
  }
}
