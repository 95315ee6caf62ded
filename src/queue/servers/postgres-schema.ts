import { assertSchemaCompatibility, LATEST_SCHEMA_VERSION, runMigrations } from 'bullmq';
import type pg from 'pg';
import { KEPT_S } from './documents.ts';
import { NAMESPACE } from './server.ts';

/**
 * Makes the schema, our table and those of BullMQ, as far as they are not there. PostgreSQL asks for the right to make a
 * thing even where IF NOT EXISTS finds it. Most users may make no schema, but an administrator can make one for them.
 */
export async function makeSchema(pool: pg.Pool): Promise<void> {
  const client = await pool.connect();
  try {
    await makeOurs(client);
    await makeBullMqs(client);
  } finally {
    // After an error its transaction is open.
    client.release(true);
  }
}

/** Processes that begin at once must not make it at once: IF NOT EXISTS does not help there. */
async function makeOurs(client: pg.ClientBase): Promise<void> {
  await client.query('BEGIN');
  await client.query(`SELECT pg_advisory_xact_lock(hashtext('${NAMESPACE}'))`);
  if (!(await isThere(client, 'to_regnamespace', NAMESPACE)))
    await client.query(`CREATE SCHEMA ${NAMESPACE}`);
  if (!(await isThere(client, 'to_regclass', `${NAMESPACE}.document`)))
    await client.query(
      `CREATE TABLE ${NAMESPACE}.document
         (name text PRIMARY KEY, revision text NOT NULL, text text NOT NULL, touched timestamptz NOT NULL)`,
    );
  await client.query(`DELETE FROM ${NAMESPACE}.document WHERE touched < now() - interval '${KEPT_S} s'`);
  await client.query('COMMIT');
}

async function isThere(client: pg.ClientBase, find: string, name: string): Promise<boolean> {
  const { rows } = await client.query(`SELECT ${find}($1) IS NOT NULL AS there`, [name]);
  return rows[0].there;
}

async function makeBullMqs(client: pg.ClientBase): Promise<void> {
  const own = { skipVersionCheck: true };
  if (
    (await isThere(client, 'to_regclass', `${NAMESPACE}.migration`)) &&
    (await assertSchemaCompatibility(client, NAMESPACE, own)) >= LATEST_SCHEMA_VERSION
  )
    return;
  const query = (text: string, values?: unknown[]) =>
    client.query(/^CREATE SCHEMA/.test(text) ? '' : text, values);
  await runMigrations({ query }, NAMESPACE, own);
}
