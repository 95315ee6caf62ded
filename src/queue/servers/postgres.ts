import { randomUUID } from 'node:crypto';
import pg from 'pg';
import type { QueueAddress } from '../address.ts';
import { QueueError, wordsOf } from '../error.ts';
import { type Document, type Documents, KEPT_S } from './documents.ts';
import { ANSWER_MS, NAMESPACE, type QueueServer } from './server.ts';

const LEAST_VERSION = 13;

/** A client whose connection breaks says so to its query, and once more to its listeners: without one it ends the process. */
class Client extends pg.Client {
  constructor(config?: string | pg.ClientConfig) {
    super(config);
    this.on('error', () => {});
  }
}

/** Connects, and makes a schema of our own where there is none. @throws QueueError */
export async function openPostgres(address: QueueAddress): Promise<QueueServer> {
  const pool = new pg.Pool({
    connectionString: address.url,
    connectionTimeoutMillis: ANSWER_MS,
    query_timeout: ANSWER_MS,
    keepAlive: true,
    max: 2,
    Client,
  });
  // A connection that ends while nobody uses it is replaced when one is needed.
  pool.on('error', () => {});
  try {
    await refuseOld(pool, address);
    await makeTable(pool);
  } catch (error) {
    await pool.end();
    throw error instanceof QueueError ? error : unreachable(address, error);
  }
  return {
    address,
    documents: new PostgresDocuments(pool),
    connection: {
      connectionString: address.url,
      schema: NAMESPACE,
      migrate: true,
      // Looked at above; BullMQ would print a recommendation.
      skipVersionCheck: true,
      keepAlive: true,
      connectionTimeoutMillis: ANSWER_MS,
      Client,
    },
    locksByOwnClock: true,
    close: () => pool.end(),
  };
}

async function refuseOld(pool: pg.Pool, { shown }: QueueAddress): Promise<void> {
  const { rows } = await pool.query('SHOW server_version');
  const version = rows[0].server_version as string;
  if (Number.parseInt(version, 10) < LEAST_VERSION)
    throw new QueueError(`${shown} is PostgreSQL ${version}; the queue needs ${LEAST_VERSION} or newer.`);
}

/** Processes that begin at once must not make it at once: IF NOT EXISTS does not help there. */
async function makeTable(pool: pg.Pool): Promise<void> {
  const client = await pool.connect();
  try {
    await client.query('BEGIN');
    await client.query(`SELECT pg_advisory_xact_lock(hashtext('${NAMESPACE}'))`);
    await client.query(`CREATE SCHEMA IF NOT EXISTS ${NAMESPACE}`);
    await client.query(
      `CREATE TABLE IF NOT EXISTS ${NAMESPACE}.document
         (name text PRIMARY KEY, revision text NOT NULL, text text NOT NULL, touched timestamptz NOT NULL)`,
    );
    await client.query(`DELETE FROM ${NAMESPACE}.document WHERE touched < now() - interval '${KEPT_S} s'`);
    await client.query('COMMIT');
  } finally {
    // After an error its transaction is open.
    client.release(true);
  }
}

function unreachable({ shown }: QueueAddress, error: unknown): QueueError {
  const { code } = error as { code?: string };
  const said = wordsOf(error);
  switch (code) {
    case '28P01':
    case '28000':
      return new QueueError(`${shown} refuses the user or the password in the URL of the queue: ${said}.`);
    case '3D000':
      return new QueueError(`${shown}: ${said}. Name one that exists at the end of the URL of the queue.`);
    case '42501':
      return new QueueError(
        `${shown}: the user in the URL of the queue may not make the schema '${NAMESPACE}': ${said}. ` +
          `GRANT CREATE ON DATABASE … TO … lets it.`,
      );
    default:
      return new QueueError(`${shown} can't be reached: ${said}. Is PostgreSQL running there?`);
  }
}

class PostgresDocuments implements Documents {
  readonly #pool: pg.Pool;

  constructor(pool: pg.Pool) {
    this.#pool = pool;
  }

  async read(name: string): Promise<Document> {
    const { rows } = await this.#pool.query(
      `SELECT text, revision, (extract(epoch FROM clock_timestamp()) * 1e6)::bigint AS now
         FROM (SELECT 1) AS one LEFT JOIN ${NAMESPACE}.document ON name = $1`,
      [name],
    );
    const { text, revision, now } = rows[0];
    return { text, revision: revision ?? '', nowUs: Number(now) };
  }

  async replace(name: string, { revision }: Document, text: string | null): Promise<boolean> {
    const { rowCount } = await this.#query(name, revision, text);
    return rowCount === 1;
  }

  #query(name: string, before: string, text: string | null): Promise<pg.QueryResult> {
    const table = `${NAMESPACE}.document`;
    if (text === null)
      return this.#pool.query(`DELETE FROM ${table} WHERE name = $1 AND revision = $2`, [name, before]);
    const values = [name, randomUUID(), text];
    if (before === '')
      return this.#pool.query(
        `INSERT INTO ${table} VALUES ($1, $2, $3, now()) ON CONFLICT DO NOTHING`,
        values,
      );
    return this.#pool.query(
      `UPDATE ${table} SET revision = $2, text = $3, touched = now() WHERE name = $1 AND revision = $4`,
      [...values, before],
    );
  }
}
