import { rmSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DuckDBConnection, DuckDBInstance, DuckDBResult, DuckDBType } from '@duckdb/node-api';
import { refused } from '../../store/index.ts';
import { ReportError } from '../error.ts';
import type { Row } from '../report.ts';
import { Copies } from './copies.ts';
import { refusalOf } from './fault.ts';
import { jsonConverter, type ToJson } from './values.ts';

type DuckDB = typeof import('@duckdb/node-api');

/**
 * What DuckDB may hold in memory at first, in bytes; beyond it, it uses the disk. Its buffers of reading and writing take
 * about as much again: a report of a million rows is to stay below 500 MB altogether. Only what fails with it gets more.
 * With less DuckDB can't even read lines.
 */
const FIRST_MEMORY = 160 * 1024 * 1024;

/**
 * Rows that are compressed, read and written together, by each thread: DuckDB's own 122,880 are hundreds of megabytes
 * where a row holds an answer.
 */
const ROW_GROUP = 16_384;

/** Rows of a table that are sorted at once. */
const SORTED_ROWS = 2 * ROW_GROUP;

/** What does not fit in memory, in a folder, while DuckDB works. */
const TEMPORARY = 'temporary';
/** What the system says of a full disk, in DuckDB's words, and its code. */
const FULL = [
  ['No space left on device', 'ENOSPC'],
  ['Disk quota exceeded', 'EDQUOT'],
  ['File too large', 'EFBIG'],
] as const;
/** A file in a database's folder that is there for a while. */
export const PIECE = 'piece.jsonl';

/** What of S3 is read. */
const COPIES = 'copies';

/** Where a database is, and what it may touch. */
export interface DatabaseOptions {
  /** Holds `tables.duckdb`, and what does not fit in memory while it works. null: in memory, and among temporary files. */
  readonly folder: string | null;
  /** What SQL may read and write besides. */
  readonly files: readonly string[];
  /** IANA name: what SQL takes for local. */
  readonly timezone: string;
  /** What DuckDB may hold in memory at most, in bytes; at least 160 MB. */
  readonly memory: number;
  /** What goes to the disk for a while is encrypted: there are values in it that must not be written. */
  readonly secret: boolean;
}

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

  private constructor(
    duckdb: DuckDB,
    instance: DuckDBInstance,
    connection: DuckDBConnection,
    { folder, memory }: DatabaseOptions,
    scratch: string | null,
  ) {
    this.duckdb = duckdb;
    this.folder = folder ?? scratch!;
    this.copies = new Copies(join(this.folder, COPIES));
    this.memory = Math.max(memory, FIRST_MEMORY);
    this.#mayTakeMore = memory > FIRST_MEMORY;
    this.#scratch = scratch;
    this.#instance = instance;
    this.#connection = connection;
    this.#toJson = jsonConverter(duckdb);
  }

  /** Opens an empty one. @throws ReportError where DuckDB has no build for this platform. */
  static async open(options: DatabaseOptions): Promise<Database> {
    const duckdb = await loadDuckDB();
    const file = options.folder === null ? ':memory:' : join(options.folder, 'tables.duckdb');
    if (options.folder !== null) {
      await mkdir(options.folder, { recursive: true, mode: 0o700 });
      // What an invocation left that was killed.
      const left = [
        file,
        `${file}.wal`,
        ...[TEMPORARY, PIECE, COPIES].map((name) => join(options.folder!, name)),
      ];
      await Promise.all(left.map((path) => rm(path, { recursive: true, force: true })));
    }
    const instance = await duckdb.DuckDBInstance.create(':memory:', {
      ...CONFIGURATION,
      memory_limit: inBytes(FIRST_MEMORY),
    });
    const connection = await instance.connect();
    const scratch = options.folder === null ? await mkdtemp(join(tmpdir(), 'abreast-')) : null;
    const database = new Database(duckdb, instance, connection, options, scratch);
    await database.run(`set temp_directory = ${text(join(database.folder, TEMPORARY))}`);
    await database.run(`set global TimeZone = ${text(options.timezone)}`);
    if (options.secret) await database.run('set temp_file_encryption = true');
    await database.run(
      `attach ${text(file)} as tables${options.folder === null ? '' : ` (row_group_size ${ROW_GROUP})`}`,
    );
    if (options.folder !== null) await chmod(file, 0o600);
    await database.run('use tables');
    await database.run(`set allowed_paths = [${options.files.map(text).join(', ')}]`);
    await database.run(`set allowed_directories = [${text(database.folder)}]`);
    // From here on nothing else is opened, and this can't be taken back.
    await database.run('set enable_external_access = false');
    return database;
  }

  /** Runs one statement. */
  async run(sql: string): Promise<void> {
    await this.#run(sql);
  }

  /** Runs a statement; once more, if it needs more memory than DuckDB has at first. */
  async #run(sql: string): Promise<DuckDBResult> {
    try {
      return await this.#onDisk(this.#connection.run(sql));
    } catch (error) {
      // A transaction that has failed takes no further statement.
      if (!isOutOfMemory(error) || this.#inTransaction || !(await this.takeAllMemory())) throw error;
      return await this.#onDisk(this.#connection.run(sql));
    }
  }

  /** A full disk is no fault of the SQL. @throws StoreError */
  async #onDisk<Result>(work: Promise<Result>): Promise<Result> {
    try {
      return await work;
    } catch (error) {
      const { message } = refusalOf(error);
      const full = FULL.find(([words]) => message.includes(words));
      if (full === undefined) throw error;
      const fault = refused(/file "([^"]+)"/.exec(message)?.[1] ?? this.folder, { code: full[1] });
      fault.cause = error;
      throw fault;
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
      yield* this.#rowsOf(await this.#onDisk(connection.stream(sql)));
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

const CONFIGURATION = {
  // What is free goes back to the system at once: what SQL leaves behind is not to stay beside what Node needs.
  allocator_flush_threshold: '1MB',
  allocator_bulk_deallocation_flush_threshold: '1MB',
  errors_as_json: 'true',
  autoinstall_known_extensions: 'false',
  autoload_known_extensions: 'false',
  allow_community_extensions: 'false',
  allow_persistent_secrets: 'false',
};

async function loadDuckDB(): Promise<DuckDB> {
  try {
    return await import('@duckdb/node-api');
  } catch (error) {
    const where = `${process.platform} on ${process.arch}`;
    throw new ReportError(
      `reports need DuckDB, and its library can't be loaded for ${where}: ${(error as Error).message.split('\n')[0]}. ` +
        'It is installed with abreast unless optional dependencies are left out: npm install --include=optional.',
      { cause: error },
    );
  }
}

/** As SQL says sizes. */
function inBytes(bytes: number): string {
  return `${bytes}B`;
}

/** Whether DuckDB may not hold as much in memory as it needs; also behind an error that says where in the report. */
export function isOutOfMemory(error: unknown): boolean {
  const { cause } = error as Error;
  return refusalOf(cause ?? error).kind === 'Out of Memory';
}

/** A name in SQL. */
export function name(text: string): string {
  return `"${text.replaceAll('"', '""')}"`;
}

/** A text in SQL. */
export function text(value: string): string {
  return `'${value.replaceAll("'", "''")}'`;
}
