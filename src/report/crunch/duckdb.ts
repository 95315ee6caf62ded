import { chmod, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import { refused } from '../../store/index.ts';
import { ReportError } from '../error.ts';
import { refusalOf } from './fault.ts';

export type DuckDB = typeof import('@duckdb/node-api');

/**
 * What DuckDB may hold in memory at first, in bytes; beyond it, it uses the disk. Its buffers of reading and writing take
 * about as much again: a report of a million rows is to stay below 500 MB altogether. Only what fails with it gets more.
 * With less DuckDB can't even read lines.
 */
export const FIRST_MEMORY = 160 * 1024 * 1024;

/**
 * Rows that are compressed, read and written together, by each thread: DuckDB's own 122,880 are hundreds of megabytes
 * where a row holds an answer.
 */
export const ROW_GROUP = 16_384;

/** What does not fit in memory, in a folder, while DuckDB works. */
const TEMPORARY = 'temporary';
/** A file in a database's folder that is there for a while. */
export const PIECE = 'piece.jsonl';

/** What of S3 is read. */
export const COPIES = 'copies';

/** What the system says of a full disk, in DuckDB's words, and its code. */
const FULL = [
  ['No space left on device', 'ENOSPC'],
  ['Disk quota exceeded', 'EDQUOT'],
  ['File too large', 'EFBIG'],
] as const;

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

/** DuckDB with an empty database `tables`, confined to what it may read and write. */
export interface OpenDuckDB {
  readonly duckdb: DuckDB;
  readonly instance: DuckDBInstance;
  readonly connection: DuckDBConnection;
  /** Where SQL may read and write. */
  readonly folder: string;
  /** The same folder, where it is a temporary one; else null. */
  readonly scratch: string | null;
}

/** @throws ReportError where DuckDB has no build for this platform. */
export async function openDuckDB(options: DatabaseOptions): Promise<OpenDuckDB> {
  const duckdb = await loadDuckDB();
  const file = options.folder === null ? ':memory:' : join(options.folder, 'tables.duckdb');
  if (options.folder !== null) await emptied(options.folder, file);
  const instance = await duckdb.DuckDBInstance.create(':memory:', {
    ...CONFIGURATION,
    memory_limit: inBytes(FIRST_MEMORY),
  });
  const connection = await instance.connect();
  const scratch = options.folder === null ? await mkdtemp(join(tmpdir(), 'abreast-')) : null;
  const folder = options.folder ?? scratch!;
  const run = (sql: string) => onDisk(folder, connection.run(sql));
  await run(`set temp_directory = ${text(join(folder, TEMPORARY))}`);
  await run(`set global TimeZone = ${text(options.timezone)}`);
  if (options.secret) await run('set temp_file_encryption = true');
  await run(
    `attach ${text(file)} as tables${options.folder === null ? '' : ` (row_group_size ${ROW_GROUP})`}`,
  );
  if (options.folder !== null) await chmod(file, 0o600);
  await run('use tables');
  await run(`set allowed_paths = [${options.files.map(text).join(', ')}]`);
  await run(`set allowed_directories = [${text(folder)}]`);
  // From here on nothing else is opened, and this can't be taken back.
  await run('set enable_external_access = false');
  return { duckdb, instance, connection, folder, scratch };
}

/** Makes the folder, and removes what an invocation left that was killed. */
async function emptied(folder: string, file: string): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const left = [file, `${file}.wal`, ...[TEMPORARY, PIECE, COPIES].map((name) => join(folder, name))];
  await Promise.all(left.map((path) => rm(path, { recursive: true, force: true })));
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
export function inBytes(bytes: number): string {
  return `${bytes}B`;
}

/** A full disk is no fault of the SQL. `folder`: named where DuckDB names no file. @throws StoreError */
export async function onDisk<Result>(folder: string, work: Promise<Result>): Promise<Result> {
  try {
    return await work;
  } catch (error) {
    const { message } = refusalOf(error);
    const full = FULL.find(([words]) => message.includes(words));
    if (full === undefined) throw error;
    const fault = refused(/file "([^"]+)"/.exec(message)?.[1] ?? folder, { code: full[1] });
    fault.cause = error;
    throw fault;
  }
}

/** A name in SQL. */
export function name(text: string): string {
  return `"${text.replaceAll('"', '""')}"`;
}

/** A text in SQL. */
export function text(value: string): string {
  return `'${value.replaceAll("'", "''")}'`;
}
