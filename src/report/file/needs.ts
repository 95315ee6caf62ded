import { openDocument } from '../../document/index.ts';
import type { Report, RowsFrom } from '../report.ts';
import type { EnvironmentVariables } from '../template/index.ts';
import { checkReport } from './read.ts';

/** What a report needs where it runs, beside its file. */
export interface ReportNeeds {
  readonly report: Report;
  /** Files that it reads: rows and authorities. Absolute, each once. */
  readonly files: readonly string[];
  /** Variables without a default, sorted. */
  readonly variables: readonly string[];
}

/** Where `${NAME}` is SQL's own text. */
const SQL = ['sql', 'crunch', 'check'];

/**
 * What a report file needs. Variables that are missing here may be set where it runs: they are no fault.
 * @throws DocumentError with every other fault of the file.
 */
export async function readNeeds(file: string, env: EnvironmentVariables): Promise<ReportNeeds> {
  const document = await openDocument(file);
  const variables = [...new Set([...textsOf(document.data)].flatMap(variablesIn))].sort();
  const missing = variables.filter((name) => !env[name]);
  const report = checkReport(document, {
    ...env,
    ...Object.fromEntries(missing.map((name) => [name, name])),
  });
  const { requests, rows } = report;
  const files = [
    ...filesOf(rows),
    ...requests.flatMap(({ rows, ca }) => [...filesOf(rows), ...(ca === null ? [] : [ca])]),
  ];
  return { report, files: [...new Set(files)], variables };
}

function filesOf(rows: RowsFrom | null): readonly string[] {
  if (rows === null || 'inline' in rows) return [];
  return 'file' in rows ? [rows.file] : Object.values(rows.files).map(({ file }) => file);
}

function* textsOf(data: unknown): Generator<string> {
  if (typeof data === 'string') yield data;
  else if (typeof data === 'object' && data !== null)
    for (const [key, value] of Object.entries(data)) if (!SQL.includes(key)) yield* textsOf(value);
}

/** `$${` is the characters themselves. */
function variablesIn(text: string): readonly string[] {
  const found = text.matchAll(/\$?\$\{([A-Za-z_]\w*)(:-)?/g);
  return [...found].flatMap(([whole, name, hasDefault]) =>
    whole.startsWith('$$') || hasDefault !== undefined ? [] : name!,
  );
}
