import { setTimeout as wait } from 'node:timers/promises';
import { parseTarget } from '../../fetch/index.ts';
import type { Database } from '../crunch/database.ts';
import { wordsOf } from '../dump-paths.ts';
import { ReportError } from '../error.ts';
import type { Dump, Report, Row, Template } from '../report.ts';
import { fillText } from '../template/index.ts';
import { columnsOf, rowCount, tableName } from './columns.ts';
import { markdownOf } from './markdown.ts';

type WebhookTarget = ReturnType<typeof parseTarget>;
type Webhook = Extract<Dump['to'], { readonly kind: 'webhook' }>;

/** A message, not a transfer. */
const MOST_ROWS = 10_000;
/** Rows in `text`, which chats show. */
const ROWS_IN_TEXT = 20;
const TRIES = 3;
const PATIENCE_MS = 30_000;

/**
 * POSTs a table as JSON: `report`, `table`, `startedAt`, `rows`, and `text`, its first rows in Markdown. What fails for
 * the moment is tried three times. Gives the origin: the rest of the URL may be a secret.
 *
 * @throws ReportError
 */
export async function postTable(
  database: Database,
  table: string,
  { url, headers }: Webhook,
  { report, startedAt, pauseMs = 1000 }: { report: Report; startedAt: Date; pauseMs?: number },
): Promise<string> {
  const count = await rowCount(database, table);
  if (count > MOST_ROWS)
    throw new ReportError(
      `'${table}' has ${count} rows, and a POST takes at most ${MOST_ROWS}: dump it to a file, or crunch it first`,
    );
  const words = wordsOf(report, startedAt);
  const target = targetOf(filled(url, words));
  const rows = await database.all(`from ${tableName(table)}`);
  const columns = await columnsOf(database, table);
  const body = JSON.stringify({
    report: report.name,
    table,
    startedAt,
    rows,
    text: textOf(report, table, rows, markdownOf(columns, rows.slice(0, ROWS_IN_TEXT))),
  });
  const sent = headers.map(({ name, value }) => [name, filled(value, words)] as const);
  const request = {
    method: 'POST',
    body,
    headers: {
      'content-type': 'application/json',
      ...(target.authorization !== null && { authorization: target.authorization }),
      ...Object.fromEntries(sent),
    },
  };
  await post(target, request, pauseMs);
  return target.origin;
}

function filled(template: Template, words: Row): string {
  const result = fillText(template, words);
  if ('missing' in result) throw new ReportError(`a webhook has no row, so no column '${result.missing}'`);
  return result.text;
}

function targetOf(url: string): WebhookTarget {
  try {
    return parseTarget(url);
  } catch {
    throw new ReportError('the address of the webhook is no http(s) URL, once its variables are filled in');
  }
}

function textOf(report: Report, table: string, rows: readonly Row[], markdown: string): string {
  const more = rows.length - ROWS_IN_TEXT;
  return `${report.name}: ${table}\n\n${markdown}${more > 0 ? `\nand ${more} more\n` : ''}`;
}

async function post({ href, origin }: WebhookTarget, request: RequestInit, pauseMs: number): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    const fault = await tryPost(href, request);
    if (fault === null) return;
    if (fault.final || attempt === TRIES) {
      const often = attempt > 1 ? `, ${attempt} times` : '';
      throw new ReportError(`the POST to ${origin} failed${often}: ${fault.text}`);
    }
    await wait(pauseMs * 2 ** (attempt - 1));
  }
}

/** null when it was taken. `final`: trying again would not help. */
async function tryPost(url: string, request: RequestInit): Promise<{ text: string; final: boolean } | null> {
  let response: Response;
  try {
    const signal = AbortSignal.timeout(PATIENCE_MS);
    response = await fetch(url, { ...request, redirect: 'manual', signal });
    await response.body?.cancel();
  } catch (error) {
    const { name, message, cause } = error as Error;
    if (name === 'TimeoutError') return { text: `no answer in ${PATIENCE_MS / 1000} s`, final: false };
    return { text: (cause as Error | undefined)?.message || message, final: false };
  }
  const { status } = response;
  if (response.ok) return null;
  return { text: `it answered ${status}`, final: status < 500 && status !== 429 && status !== 408 };
}
