import { didYouMean, type Fault } from '../../document/index.ts';
import { type Found, findTexts } from './find.ts';

const ROWS = 'rows';

/** Names that are there twice or can't be tables, and tables that are not there. */
export function nameFaults(data: unknown): readonly Fault[] {
  const tables = findTexts(data, 'requests.*.name', 'crunch.*.name');
  return [
    ...tables.flatMap(unusable),
    ...tables.flatMap((table, at) => twice(table, tables.slice(0, at))),
    ...findTexts(data, 'check.*.name').flatMap((check, at, checks) => twice(check, checks.slice(0, at))),
    ...unknownTables(data, [...tables.map(({ value }) => value), ROWS]),
  ];
}

function unusable({ path, value }: Found<string>): Fault[] {
  const name = value.toLowerCase();
  if (name === ROWS) return [{ path, text: "'rows' is the table of the rows; choose another name" }];
  if (RESERVED.has(name)) return [{ path, text: `'${value}' is a word of SQL; choose another name` }];
  return [];
}

function twice({ path, value }: Found<string>, before: readonly Found<string>[]): Fault[] {
  const first = before.find((other) => other.value.toLowerCase() === value.toLowerCase());
  if (first === undefined) return [];
  const where = `${String(first.path[0])}[${String(first.path[1])}]`;
  return [{ path, text: `the name '${value}' is taken by ${where}; choose another` }];
}

function unknownTables(data: unknown, known: readonly string[]): Fault[] {
  const names = new Set(known.map((name) => name.toLowerCase()));
  return findTexts(data, 'dump.*.table')
    .filter(({ value }) => !names.has(value.toLowerCase()))
    .map(({ path, value }) => ({
      path,
      text: `there is no table '${value}'${didYouMean(value, known) || `; there are ${known.join(', ')}`}`,
    }));
}

/** Words that DuckDB does not take as the name of a table without quotes. */
export const RESERVED: ReadonlySet<string> = new Set(
  `all analyse analyze and anti any array as asc asof asymmetric at authorization binary both by case cast check collate
  collation column concurrently constraint create cross default deferrable desc describe distinct do else end except
  false fetch for foreign freeze from full glob group having ilike in initially inner intersect into is isnull join
  lambda lateral leading left like limit natural not notnull null offset on only or order outer overlaps pivot
  pivot_longer pivot_wider placing positional primary qualify references returning right select semi show similar some
  summarize symmetric table tablesample then to trailing true union unique unpack unpivot using variadic verbose when
  where window with`.split(/\s+/),
);
