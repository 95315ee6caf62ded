import { randomUUID } from 'node:crypto';
import pg from 'pg';
import type { QueueAddress } from '../address.ts';
import { asked, QueueError, wordsOf } from '../error.ts';
import { type Document, type Documents, tryOut } from './documents.ts';
import { makeSchema } from './postgres-schema.ts';
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
  const connectionString = verified(address.url);
  const pool = new pg.Pool({
    connectionString,
    connectionTimeoutMillis: ANSWER_MS,
    query_timeout: ANSWER_MS,
    keepAlive: true,
    max: 2,
    Client,
  });
  // A connection that ends while nobody uses it is replaced when one is needed.
  pool.on('error', () => {});
  const documents = new PostgresDocuments(pool);
  try {
    await refuseOld(pool, address);
    await makeSchema(pool);
    await tryOut(documents);
  } catch (error) {
    await pool.end();
    throw error instanceof QueueError ? error : unusable(address, error);
  }
  return {
    address,
    documents,
    connection: {
      connectionString,
      schema: NAMESPACE,
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

/** What a server that can't be used says, and what to do about it. */
function unusable({ shown }: QueueAddress, error: unknown): QueueError {
  const { code = '' } = error as { code?: string };
  const said = wordsOf(error);
  if (/password must be a string/.test(said))
    return new QueueError(
      `${shown} wants a password, and the URL of the queue has none: postgres://USER:PASSWORD@HOST:PORT/DATABASE.`,
    );
  switch (code) {
    case '28P01':
    case '28000':
      return new QueueError(`${shown} refuses the user or the password in the URL of the queue: ${said}.`);
    case '3D000':
      return new QueueError(`${shown}: ${said}. Name one that exists at the end of the URL of the queue.`);
    case '42501':
      return new QueueError(
        `${shown}: the user in the URL of the queue may not make or change the schema '${NAMESPACE}': ${said}. ` +
          `An administrator can make it: CREATE SCHEMA ${NAMESPACE} AUTHORIZATION … (the user).`,
      );
    case '25006':
      return new QueueError(`${shown} is read-only: ${said}. A queue has to write. Name the primary.`);
  }
  // SQLSTATE: the server answers.
  if (/^[0-9A-Z]{5}$/.test(code)) return new QueueError(`${shown} does not do what a queue needs: ${said}.`);
  return new QueueError(`${shown} can't be reached: ${said}. ${adviceOf(said)}`);
}

function adviceOf(said: string): string {
  return /certificate|altname/i.test(said)
    ? 'sslrootcert=FILE in the URL of the queue names the authority of its certificate.'
    : 'Is PostgreSQL running there?';
}

/** `pg` takes these words for verify-full, and prints so each time. */
function verified(url: string): string {
  return url.replace(/(?<=[?&]sslmode=)(?:prefer|require|verify-ca)(?=&|$)/, 'verify-full');
}

class PostgresDocuments implements Documents {
  readonly #pool: pg.Pool;

  constructor(pool: pg.Pool) {
    this.#pool = pool;
  }

  async read(name: string): Promise<Document> {
    const { rows } = await this.#query(
      `SELECT text, revision, (extract(epoch FROM clock_timestamp()) * 1e6)::bigint AS now
         FROM (SELECT 1) AS one LEFT JOIN ${NAMESPACE}.document ON name = $1`,
      [name],
    );
    const { text, revision, now } = rows[0];
    return { text, revision: revision ?? '', nowUs: Number(now) };
  }

  async replace(name: string, { revision }: Document, text: string | null): Promise<boolean> {
    const { rowCount } = await this.#replaced(name, revision, text);
    return rowCount === 1;
  }

  #replaced(name: string, before: string, text: string | null): Promise<pg.QueryResult> {
    const table = `${NAMESPACE}.document`;
    if (text === null)
      return this.#query(`DELETE FROM ${table} WHERE name = $1 AND revision = $2`, [name, before]);
    const values = [name, randomUUID(), text];
    if (before === '')
      return this.#query(`INSERT INTO ${table} VALUES ($1, $2, $3, now()) ON CONFLICT DO NOTHING`, values);
    return this.#query(
      `UPDATE ${table} SET revision = $2, text = $3, touched = now() WHERE name = $1 AND revision = $4`,
      [...values, before],
    );
  }

  #query(text: string, values: readonly string[]): Promise<pg.QueryResult> {
    return asked(this.#pool.query(text, [...values]));
  }
}
