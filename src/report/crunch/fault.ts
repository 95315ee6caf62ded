import { didYouMean, type Place, placeWithin } from '../../document/index.ts';
import { StoreError } from '../../store/index.ts';
import { ReportError, reportErrorAt } from '../error.ts';
import type { Report } from '../report.ts';

/** Names that are told where none is near. */
const MOST_NAMED = 8;

/** What is wrong with a file of rows, for the user: 'services.csv, line 3: ...'. */
export class FaultyFile extends Error {
  override readonly name = 'FaultyFile';
}

/** Why DuckDB refused something, as it tells it with `errors_as_json`. */
export interface Refusal {
  /** `Binder`, `Catalog`, `Parser`, `Conversion`, `IO`, ... */
  readonly kind: string;
  readonly message: string;
  /** Where in the statement, in bytes of UTF-8; null when it does not say. */
  readonly byte: number | null;
  /** What is missing: `COLUMN_NOT_FOUND`, `MISSING_ENTRY`. */
  readonly subtype: string | null;
  readonly name: string | null;
  readonly candidates: readonly string[];
}

/** The refusal that an error of DuckDB is. */
export function refusalOf(error: unknown): Refusal {
  const { message } = error as Error;
  const fields = fieldsOf(message);
  return {
    kind: fields?.exception_type ?? /^([\w ]+?) Error: /.exec(message)?.[1] ?? '',
    message: fields?.exception_message ?? message.replace(/^[\w ]+? Error: /, ''),
    byte: fields?.position === undefined ? null : Number(fields.position),
    subtype: fields?.error_subtype ?? null,
    name: fields?.name ?? null,
    candidates: (fields?.candidates ?? '')
      .split(',')
      .map((name) => name.trim())
      .filter(Boolean),
  };
}

function fieldsOf(message: string): Readonly<Record<string, string | undefined>> | null {
  try {
    return JSON.parse(message.slice(message.indexOf('{'))) as Record<string, string>;
  } catch {
    return null;
  }
}

/** SQL of the report: its text, and where in the file it begins. */
export interface Written {
  readonly sql: string;
  readonly place: Place;
}

/**
 * The error of SQL in a report, at the place in the file that DuckDB means. `before` is what was put in
 * front of it; `tables` are those that it may have meant.
 */
export function faultySql(
  error: unknown,
  written: Written,
  before: string,
  report: Report,
  tables: readonly string[],
): ReportError | StoreError {
  if (error instanceof ReportError || error instanceof StoreError) return error;
  const refusal = refusalOf(error);
  const bytes = Buffer.from(written.sql);
  const byte = (refusal.byte ?? 0) - Buffer.byteLength(before);
  const inside = byte > 0 && byte <= bytes.length ? bytes.toString('utf8', 0, byte).length : 0;
  const offset = inside + leadingSpace(written.sql.slice(inside));
  const fault = reportErrorAt(
    report,
    placeWithin(written.place, written.sql, offset),
    secretColumn(refusal, report) ?? laterTable(refusal, report) ?? inWords(refusal, tables, written.sql),
  );
  fault.cause = error;
  return fault;
}

/** A column that is there, but not for SQL. */
function secretColumn(refusal: Refusal, { secret }: Report): string | undefined {
  const name = refusal.subtype === 'COLUMN_NOT_FOUND' ? refusal.name : columnMissedIn(refusal)?.name;
  return name && secret.includes(name) ? `'${name}' is secret: no SQL sees it` : undefined;
}

/** A table that the file makes, but not before this SQL. */
function laterTable({ subtype, name, message }: Refusal, report: Report): string | undefined {
  const made = [...report.requests, ...report.crunch].some((each) => each.name === name);
  if (subtype !== 'MISSING_ENTRY' || !made || !message.startsWith('Table ')) return undefined;
  return `there is no table '${name}' yet: what makes it must stand before this in the file`;
}

/** DuckDB has no fields for a column that a named table lacks: `r.token`. */
function columnMissedIn({ message }: Refusal): Pick<Refusal, 'name' | 'candidates'> | undefined {
  const found =
    /^(?:Table|Values list) "[^"]*" does not have a column named "([^"]*)"(?:\s+Candidate bindings:(.*))?/s.exec(
      message,
    );
  if (found === null) return undefined;
  return {
    name: found[1]!,
    candidates: [...(found[2] ?? '').matchAll(/"([^"]+)"/g)].map(([, name]) => name!),
  };
}

/** The column that SQL names and no table has; null for any other error. */
export function missedColumn(error: unknown): string | null {
  const refusal = refusalOf(error);
  if (refusal.subtype === 'COLUMN_NOT_FOUND') return refusal.name;
  const listed = /^Column "([^"]*)" (?:does not exist on|in \w+ list not found)/.exec(refusal.message);
  return listed?.[1] ?? columnMissedIn(refusal)?.name ?? null;
}

/** What is pointed at is a word, not the space before it. */
function leadingSpace(rest: string): number {
  return rest.trim() === '' ? 0 : rest.length - rest.trimStart().length;
}

const BRACKETS = `-> and ->> bind less than =, and, is: put them in brackets, as in (body->>'$.name') = 'x'`;
/** What is compared with JSON as a whole, where a value in it was meant: `a = b->>'$.c'`. */
const COMPARED_WITH_JSON = /(?:[=<>]|\b(?:and|is|in|like)\b)\s*[\w.]+\s*->/i;

/** DuckDB may hold a copy of the whole body for each item. */
const LISTS_AFTER_FROM =
  /(?:,|\bjoin|\blateral|\bfrom)[\s(]*(?:select\s+)?(?:unnest|json_each|json_tree)\s*\(/i;
const LISTS_FIRST = `unnest and json_each after \`from\` need more than unnest in \`select\`: select id, unnest(from_json(body->'$.items', '["json"]')) as item from ...; or `;

/** What DuckDB says of some SQL, in short. */
export function inWords(refusal: Refusal, tables: readonly string[], sql = ''): string {
  const { kind, subtype, name, message, candidates } = refusal;
  if (subtype === 'COLUMN_NOT_FOUND' && name !== null) return missing('column', name, candidates);
  const missed = columnMissedIn(refusal);
  if (missed !== undefined) return missing('column', missed.name!, missed.candidates);
  if (subtype === 'MISSING_ENTRY' && name !== null)
    return message.startsWith('Table ')
      ? missing('table', name, tables)
      : missing(/function/i.test(message) ? 'function' : 'such thing as', name, candidates);
  const text = firstLines(message);
  if (/'json_extract\w*\(/.test(text)) return BRACKETS;
  if (text.startsWith('Malformed JSON') && COMPARED_WITH_JSON.test(sql)) return `${BRACKETS} (${text})`;
  if (/^UNNEST(?:\(\) can only be applied to| requires a single) list/.test(text))
    return `${text}; JSON is made one by from_json: unnest(from_json(body->'$.items', '["json"]'))`;
  if (/^Could not convert string/.test(text)) return `${text}; try_cast(... as ...) gives null instead`;
  if (kind === 'Out of Memory' && !/temp_directory|No space left/.test(message))
    return `it needs more memory than it may take; ${LISTS_AFTER_FROM.test(sql) ? LISTS_FIRST : ''}raise \`limits.memory\` in the file, or --max-memory`;
  if (kind === 'Permission')
    return `${text.split(' - ')[0]}: SQL may read only the files that 'rows' and 'files' name`;
  return text;
}

function missing(what: string, name: string, known: readonly string[]): string {
  const there = known.slice(0, MOST_NAMED).join(', ');
  const hint = didYouMean(name, known) || (there === '' ? '' : `; expected one of ${there}`);
  return `there is no ${what} '${name}'${hint}`;
}

/** Without the lists and the advice about DuckDB's settings that follow. */
function firstLines(message: string): string {
  const text = message
    .split(/\n(?:Possible (?:fixes|solutions)|\tCandidate functions|\s+file = |LINE \d+:|See also)/)[0]!
    .replace(/\s+/g, ' ')
    .replace(/[.:\s]+$/, '');
  return text.length > 300 ? `${text.slice(0, 299)}…` : text;
}
