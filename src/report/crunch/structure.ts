import type { Database } from './database.ts';

/** What JSON values have in common: the name of a type of SQL, a list of such, or names with such. */
export type Structure = string | readonly [Structure] | { readonly [key: string]: Structure };

/** Objects with more keys than this are data by key, not columns. */
const MOST_FIELDS = 200;
/** What is nested deeper stays JSON: the time that DuckDB takes grows with the cube of the depth of a type. */
const MOST_LEVELS = 30;

/** Names of columns, with what their values have in common. */
export type Columns = Readonly<Record<string, Structure>>;

/**
 * The columns, with their types, of the JSON objects in the column `data` of a relation; null when there are none.
 * A value's type is the one that JSON gives it: what looks like a date in a text stays text.
 */
export async function columnsOf(database: Database, relation: string): Promise<Columns | null> {
  // One of each kind is enough, and to hold all of them against each other at once takes more memory than there is.
  const [row] = await database.all(
    `select json_group_structure(data)::varchar as structure from (
       select any_value(data) as data from (${relation}) group by json_structure(data))`,
  );
  const found = JSON.parse((row?.structure as string | null) ?? 'null') as Structure | null;
  if (found === null || typeof found !== 'object' || Array.isArray(found)) return null;
  const columns = Object.entries(found as Record<string, Structure>);
  if (columns.length === 0) return null;
  return Object.fromEntries(columns.map(([key, structure]) => [key, settled(structure)]));
}

/** Every whole number fits: larger ones are text in a row. What was never there may be anything. */
function settled(structure: Structure, level = 0): Structure {
  if (typeof structure === 'string') return SETTLED.get(structure) ?? structure;
  if (level === MOST_LEVELS) return 'JSON';
  if (Array.isArray(structure)) return [structure[0] === 'NULL' ? 'JSON' : settled(structure[0], level + 1)];
  const fields = Object.entries(structure as Record<string, Structure>);
  if (fields.length === 0 || fields.length > MOST_FIELDS) return 'JSON';
  return Object.fromEntries(fields.map(([key, inner]) => [key, settled(inner, level + 1)]));
}

const SETTLED: ReadonlyMap<string, string> = new Map([
  ['UBIGINT', 'BIGINT'],
  ['HUGEINT', 'BIGINT'],
  ['UHUGEINT', 'BIGINT'],
  ['NULL', 'VARCHAR'],
]);
