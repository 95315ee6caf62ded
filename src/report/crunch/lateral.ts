import { type Database, text } from './database.ts';

/** A part of SQL as DuckDB reads it: what `json_serialize_sql` gives. */
type Tree = Record<string, unknown>;

const LIST = 'list that is taken apart';
/** Has what takes the place of parts of a query: `unnest(LIST)`, and the table with that column. */
const PATTERN = `select "${LIST}" from (select *, 0 as "${LIST}" from one) as one`;

/** What a table has, and a subquery that reads the table has not. */
const ONLY_OF_TABLES: ReadonlySet<string> = new Set(['rowid', 'main', 'tables', 'temp']);

/**
 * The query in a form that needs less memory; null where there is none that is sure to have the same rows.
 *
 * `from a, unnest(f(body)) as t(i)`: DuckDB joins the items with `a` by the body that they come from, and holds a copy of
 * the whole body for each item. It holds none where the list is a column of the table:
 * `from (select *, f(body) as list from a) as a, unnest(list) as t(i)`.
 */
export async function withListsAsColumns(database: Database, sql: string): Promise<string | null> {
  const query = await treeOf(database, sql);
  if (query === null || !takeLists(query, (await treeOf(database, PATTERN))!)) return null;
  const [written] = await database.all(
    `select json_deserialize_sql(${text(JSON.stringify(query))}::json) as sql`,
  );
  const other = String(written!.sql);
  const columns = await columnsOf(database, sql);
  return columns !== null && columns === (await columnsOf(database, other)) ? other : null;
}

/** null: it is no query that DuckDB writes as JSON, or it has a number that JavaScript would change. */
async function treeOf(database: Database, sql: string): Promise<Tree | null> {
  const [found] = await database.all(`select json_serialize_sql(${text(sql)})::varchar as tree`);
  const written = String(found!.tree).replace(/"query_location":\d+/g, '"query_location":0');
  const tree = JSON.parse(written) as Tree;
  return tree.error === false && JSON.stringify(tree) === written ? tree : null;
}

/** Names and types; null where DuckDB refuses the query. */
async function columnsOf(database: Database, sql: string): Promise<string | null> {
  try {
    const columns = await database.describe(sql);
    return columns?.map(({ column, type }) => `${column} ${type}`).join('\n') ?? null;
  } catch {
    return null;
  }
}

/** Makes each list that is taken apart a column of its table. Returns whether there is one. */
function takeLists(query: Tree, pattern: Tree): boolean {
  let some = false;
  for (const node of within(query))
    if (node.type === 'SELECT_NODE') {
      const join = firstJoin(node.from_table as Tree);
      if (join !== null && !seesColumnsOf(join.left as Tree, node)) {
        takeList(join, structuredClone(pattern));
        some = true;
      }
    }
  return some;
}

/** The join of a table with a list that is computed from it, where `from` begins with one. */
function firstJoin(from: Tree): Tree | null {
  if (from.type !== 'JOIN') return null;
  const { left, right } = from as { left: Tree; right: Tree };
  if (left.type === 'JOIN') return firstJoin(left);
  const isPlain = left.type === 'BASE_TABLE' && left.sample === null && isEmpty(left.column_name_alias);
  const isJoined = ['CROSS', 'REGULAR'].includes(String(from.ref_type));
  const list = unnestIn(right)?.children as readonly Tree[] | undefined;
  return isPlain && isJoined && list?.length === 1 && isComputed(list[0]!) ? from : null;
}

/** The call of `unnest`, where it is all of a table: `unnest(...)`, `(select unnest(...))`. */
function unnestIn(table: Tree): Tree | null {
  if (table.type === 'TABLE_FUNCTION') return ifUnnest(table.function as Tree);
  if (table.type !== 'SUBQUERY') return null;
  const { node } = table.subquery as { node: Tree };
  const select = node.select_list as readonly Tree[] | undefined;
  return (node.from_table as Tree | undefined)?.type === 'EMPTY' && select?.length === 1
    ? ifUnnest(select[0]!)
    : null;
}

function ifUnnest(called: Tree): Tree | null {
  return called.function_name === 'unnest' ? called : null;
}

/** Computed from columns, and from nothing else: DuckDB itself does well with a list that is a column. */
function isComputed(list: Tree): boolean {
  const parts = [...within(list)];
  return (
    list.class !== 'COLUMN_REF' &&
    parts.some((part) => part.class === 'COLUMN_REF') &&
    parts.every((part) => part.class !== 'SUBQUERY')
  );
}

/** Whether the query would see that a subquery with one column more has taken the place of its table. */
function seesColumnsOf(table: Tree, node: Tree): boolean {
  const name = nameOf(table).toLowerCase();
  for (const part of within(node)) {
    if (part.class === 'STAR') return true;
    if (part.class !== 'COLUMN_REF') continue;
    const [first, ...more] = (part.column_names as readonly string[]).map((each) => each.toLowerCase());
    // The table's name alone is a struct of all its columns.
    if ((more.length === 0 && first === name) || [first!, ...more].some((each) => ONLY_OF_TABLES.has(each)))
      return true;
  }
  return false;
}

function takeList(join: Tree, pattern: Tree): void {
  const table = join.left as Tree;
  const [{ node }] = pattern.statements as [{ node: Tree }];
  const [column] = node.select_list as [Tree];
  const subquery = node.from_table as Tree;
  const inner = (subquery.subquery as { node: Tree }).node;
  const called = unnestIn(join.right as Tree)!;
  const [list] = called.children as [Tree];
  inner.from_table = table;
  (inner.select_list as Tree[])[1] = { ...list, alias: LIST };
  subquery.alias = nameOf(table);
  called.children = [{ ...column, column_names: [nameOf(table), LIST] }];
  join.left = subquery;
}

function nameOf({ alias, table_name }: Tree): string {
  return String(alias || table_name);
}

function isEmpty(list: unknown): boolean {
  return (list as readonly unknown[]).length === 0;
}

/** A part and all that is in it. */
function* within(part: unknown): Generator<Tree> {
  if (part === null || typeof part !== 'object') return;
  if (!Array.isArray(part)) yield part as Tree;
  for (const each of Object.values(part)) yield* within(each);
}
