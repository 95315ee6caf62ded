import { rmSync } from 'node:fs';
import { join } from 'node:path';
import type { DuckDBConnection, DuckDBInstance, DuckDBResult, DuckDBType } from '@duckdb/node-api';
import type { Row } from '../report.ts';
import { Copies } from './copies.ts';
import {
  COPIES,
  type DatabaseOptions,
  type DuckDB,
  FIRST_MEMORY,
  inBytes,
  type OpenDuckDB,
  onDisk,
  openDuckDB,
  ROW_GROUP,
} from './duckdb.ts';
import { refusalOf } from './fault.ts';
import { jsonConverter, type ToJson } from './values.ts';

export { name, PIECE, text } from './duckdb.ts';

/** Rows of a table that are sorted at once. */
const SORTED_ROWS = 2 * ROW_GROUP;

/**
 * A table of rows of which there is none, so that no value says what type a column has: a CSV file that ends after
 * its header line, JSON Lines without a line. It is a view whose columns are bare nulls, which suit any SQL.
 */
export interface Unseen {
  /** The columns whose types are known, as SQL selects them. */
  readonly typed: readonly string[];
  readonly columns: ReadonlySet<string>;
  /** Of JSON Lines not even the names are known: the view gets each column that SQL asks for. */
  readonly open: boolean;
}

/** DuckDB, open for one run: its tables, and SQL over them. */
export class Database {
  readonly duckdb: DuckDB;
  /** The tables, by their names in SQL, that are views because they stand for rows that nobody has seen. */
  readonly unseen = new Map<string, Unseen>();
  /** A folder where SQL may read what is written for it. */
  readonly folder: string;
  /** Files of S3 that SQL may read. */
  readonly copies: Copies;
  /** What DuckDB may hold in memory at most, in bytes. */
  readonly memory: number;
  readonly #instance: DuckDBInstance;
  readonly #connection: DuckDBConnection;
  readonly #toJson: ToJson;
  /** Of this database alone, and gone with it. */
  readonly #scratch: string | null;
  #mayTakeMore: boolean;
  #inTransaction = false;

  private constructor({ duckdb, instance, connection, folder, scratch }: OpenDuckDB, memory: number) {
    this.duckdb = duckdb;
    this.folder = folder;
    this.copies = new Copies(join(folder, COPIES));
    this.memory = Math.max(memory, FIRST_MEMORY);
    this.#mayTakeMore = memory > FIRST_MEMORY;
    this.#scratch = scratch;
    this.#instance = instance;
    this.#connection = connection;
    this.#toJson = jsonConverter(duckdb);
  }

  /** Opens an empty one. @throws ReportError where DuckDB has no build for this platform. */
  static async open(options: DatabaseOptions): Promise<Database> {
    return new Database(await openDuckDB(options), options.memory);
  }

  /** Runs one statement. */
  async run(sql: string): Promise<void> {
    await this.#run(sql);
  }

  /** Runs a statement; once more, if it needs more memory than DuckDB has at first. */
  async #run(sql: string): Promise<DuckDBResult> {
    try {
      return await onDisk(this.folder, this.#connection.run(sql));
    } catch (error) {
      // A transaction that has failed takes no further statement.
      if (!isOutOfMemory(error) || this.#inTransaction || !(await this.takeAllMemory())) throw error;
      return await onDisk(this.folder, this.#connection.run(sql));
    }
  }

  /** From here on DuckDB may hold all that is allowed. Returns whether that is more than before. */
  async takeAllMemory(): Promise<boolean> {
    if (!this.#mayTakeMore) return false;
    this.#mayTakeMore = false;
    await this.#connection.run(`set memory_limit = '${inBytes(this.memory)}'`);
    return true;
  }

  /** Runs one statement and gives its rows, which must be few. */
  async all(sql: string): Promise<readonly Row[]> {
    const result = await this.#run(sql);
    const rows: Row[] = [];
    for await (const batch of this.#rowsOf(result)) rows.push(...batch);
    return rows;
  }

  /** The rows of a query, as they are wanted, in batches; other statements may run meanwhile. */
  async *batches(sql: string): AsyncGenerator<readonly Row[]> {
    const connection = await this.#instance.connect();
    try {
      await connection.run('use tables');
      yield* this.#rowsOf(await onDisk(this.folder, connection.stream(sql)));
    } finally {
      connection.disconnectSync();
    }
  }

  /** The rows of a table, in batches, in its order: a piece is sorted at a time, since all at once take as much memory as the table. */
  async *rowsInOrder(table: string, columns = '*'): AsyncGenerator<readonly Row[]> {
    const [counted] = await this.all(`select max(rowid) as last from ${table}`);
    const last = Number(counted!.last ?? -1);
    for (let from = 0; from <= last; from += SORTED_ROWS)
      yield* this.batches(
        `select ${columns} from ${table} where rowid between ${from} and ${from + SORTED_ROWS - 1} order by rowid`,
      );
  }

  async *#rowsOf(result: DuckDBResult): AsyncGenerator<readonly Row[]> {
    const names = result.deduplicatedColumnNames();
    // Those of a chunk don't tell JSON from text.
    const types = result.columnTypes();
    for await (const chunk of result) {
      const columns = types.map((type, at) =>
        chunk.getColumnValues(at).map((value) => this.#toJson(value, type, this.#toJson)),
      );
      yield Array.from({ length: chunk.rowCount }, (_, row) =>
        Object.fromEntries(names.map((column, at) => [column, columns[at]![row]])),
      );
    }
  }

  /** Does `work` with one thread: groups come in the same order every time, and there is one buffer for lines (32 MB a thread). */
  async withOneThread<Value>(work: () => Promise<Value>): Promise<Value> {
    await this.run('set threads = 1');
    try {
      return await work();
    } finally {
      await this.run('reset threads');
    }
  }

  /** How many statements a text is. */
  async count(sql: string): Promise<number> {
    return (await this.#connection.extractStatements(sql)).count;
  }

  /** The columns that a query would return; null where only running it tells, as of a PIVOT. */
  async describe(sql: string): Promise<readonly { column: string; type: DuckDBType }[] | null> {
    if ((await this.count(sql)) !== 1) return null;
    const statement = await this.#connection.prepare(sql);
    try {
      const { columnCount } = statement;
      return Array.from({ length: columnCount }, (_, at) => ({
        column: statement.columnName(at),
        type: statement.columnType(at),
      }));
    } finally {
      statement.destroySync();
    }
  }

  /** The tables that SQL of the report can name. */
  async tables(): Promise<readonly string[]> {
    const rows = await this.all(
      `select table_name as name from (
         select database_name, schema_name, table_name, table_oid from duckdb_tables()
         union all select database_name, schema_name, view_name, view_oid from duckdb_views() where not internal)
       where schema_name = 'main' and database_name in ('tables', 'temp') order by table_oid`,
    );
    return rows.map(({ name }) => String(name));
  }

  /** All or nothing of what `work` does; it is done once more, if it needs more memory than DuckDB has at first. */
  async transaction(work: () => Promise<void>): Promise<void> {
    try {
      await this.#transact(work);
    } catch (error) {
      if (!isOutOfMemory(error) || !(await this.takeAllMemory())) throw error;
      await this.#transact(work);
    }
  }

  async #transact(work: () => Promise<void>): Promise<void> {
    await this.run('begin');
    this.#inTransaction = true;
    try {
      await work();
      await this.run('commit');
    } catch (error) {
      // A commit that failed has rolled back already.
      await this.run('rollback').catch(() => {});
      throw error;
    } finally {
      this.#inTransaction = false;
    }
  }

  close(): void {
    this.#connection.disconnectSync();
    this.#instance.closeSync();
    this.copies.clear();
    if (this.#scratch !== null) rmSync(this.#scratch, { recursive: true, force: true });
  }
}

/** Whether DuckDB may not hold as much in memory as it needs; also behind an error that says where in the report. */
export function isOutOfMemory(error: unknown): boolean {
  const { cause } = error as Error;
  return refusalOf(cause ?? error).kind === 'Out of Memory';
}
