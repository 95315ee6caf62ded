import { z } from 'zod';
import { DEFAULTS } from '../../fetch/index.ts';
import { exactlyOne, fitsNext, kindOfDump } from './rules.ts';
import {
  curves,
  duration,
  failureLimit,
  headerName,
  hostPattern,
  jsonPath,
  mediaType,
  originPattern,
  rate,
  size,
  statuses,
  tableName,
  template,
  text,
  timezone,
} from './words.ts';

/** What a report file may say. Descriptions are what an editor shows. */

const FILE = 'A path, from the folder of this file; ${VARIABLES} are filled in.';
const SOURCE = 'A path, from the folder of this file, or s3://bucket/name; ${VARIABLES} are filled in.';
const TEMPLATE =
  '{{column}}, {{column|default}} and {{?column:text}} of the row, ${VARIABLE} of the environment.';

const rows = exactlyOne(
  ['csv', 'jsonl', 'parquet', 'inline', 'sql'],
  z.strictObject({
    csv: text.optional().describe(`A CSV file with a line of column names. ${SOURCE}`),
    jsonl: text.optional().describe(`A file with an object of JSON a line. ${SOURCE}`),
    parquet: text.optional().describe(`A Parquet file. ${SOURCE}`),
    inline: z
      .array(z.record(z.string(), z.unknown()))
      .min(1)
      .optional()
      .describe('The rows themselves: a list of columns and values. ${VARIABLES} in texts are filled in.'),
    sql: text.optional().describe('A query (DuckDB) over `files`, and over the requests before this one.'),
    files: z
      .record(tableName, text)
      .optional()
      .describe('With `sql`: tables of the query, each a .csv, .jsonl or .parquet file.'),
    rename: z
      .record(z.string(), text)
      .optional()
      .describe('New names of columns, by their old ones: those of results (url, status, ...) are taken.'),
  }),
).describe('Where the rows come from, one request for each: csv, jsonl, parquet, inline or sql.');

const auth = exactlyOne(
  ['basic', 'bearer', 'command'],
  z.strictObject({
    basic: z
      .strictObject({ user: template.describe(TEMPLATE), password: template.describe(TEMPLATE) })
      .optional()
      .describe('A user and a password (RFC 7617).'),
    bearer: template.optional().describe(`A token (RFC 6750). ${TEMPLATE}`),
    command: z
      .union([text, z.array(text).min(1)])
      .optional()
      .describe(
        'A command, run once a run, whose first line is the value of `header`. A text goes to sh -c.',
      ),
    header: headerName.optional().describe("With `command`: the header's name (authorization)."),
    origins: z
      .array(originPattern)
      .min(1)
      .optional()
      .describe('Only for these: host patterns, *.example.com, or origins, https://example.com:8443.'),
  }),
);

const good = z.strictObject({
  status: z
    .union([statuses, z.array(statuses).min(1)])
    .optional()
    .describe("Good statuses: 200, '200-204', 2xx, or a list of them (200-399)."),
  contentType: z
    .union([mediaType, z.array(mediaType).min(1)])
    .optional()
    .describe('Good media types: application/json, text/*, or a list of them.'),
  sql: text
    .optional()
    .describe("A condition over the columns of the request's table: body->>'$.status' = 'up'."),
});

const pages = fitsNext(
  z.strictObject({
    next: z
      .enum(['link', 'url', 'cursor', 'counter'])
      .describe(
        'How the next page is found: Link header (RFC 8288), URL in the body, cursor in the body, counter.',
      ),
    path: jsonPath.optional().describe('JSON path (RFC 9535) to the URL or the cursor: $.next.'),
    parameter: text.optional().describe('The query parameter for the cursor or the counter.'),
    start: z.int().optional().describe('The first value of the counter (1).'),
    step: z.int().min(1).optional().describe('What the counter grows by (1).'),
    items: jsonPath.optional().describe('JSON path to the list that is empty after the last page.'),
    most: z.int().min(1).optional().describe('Pages of one row at most (1000).'),
  }),
);

const request = z.strictObject({
  name: tableName.describe('The table of its results.'),
  rows: rows.optional(),
  url: template.describe(`Where to GET. ${TEMPLATE}`),
  query: z
    .record(z.string(), template)
    .optional()
    .describe(`Appended to the URL; a pair without a value is left out. ${TEMPLATE}`),
  headers: z.record(headerName, template).optional().describe(TEMPLATE),
  auth: z
    .union([auth, z.array(auth).min(1)])
    .optional()
    .describe('Who asks; of a list, the first whose origins match.'),
  insecure: z.boolean().optional().describe('Trust any certificate (false).'),
  ca: text.optional().describe(`A PEM file of authorities to trust. ${FILE}`),
  curves: curves.optional().describe('Curves of the key exchange: X25519:P-256 (all that are safe).'),
  good: good.optional().describe('What counts as a good answer.'),
  pages: pages.optional().describe('Ask for the pages that follow, too.'),
  cache: text
    .optional()
    .describe(
      `A folder where answers are kept, to be asked for again only if they changed (RFC 9110 §13). ${FILE}`,
    ),
});

const limits = z.strictObject({
  concurrency: z.int().min(1).optional().describe(`GETs in flight (${DEFAULTS.concurrency}).`),
  perOrigin: z
    .union([z.int().min(1), z.record(hostPattern, z.int().min(1))])
    .optional()
    .describe(
      'GETs in flight at one origin: a number, or one for each host pattern; the first that matches counts.',
    ),
  rate: rate.optional().describe('Requests in a time: 500/s, 600/m.'),
  perOriginRate: rate.optional().describe('The same for each origin.'),
  timeout: duration.optional().describe(`One attempt as a whole (${DEFAULTS.timeout}).`),
  connectTimeout: duration.optional().describe(`DNS, TCP and TLS (${DEFAULTS.connectTimeout}).`),
  firstByteTimeout: duration
    .optional()
    .describe(`Request sent to first byte (${DEFAULTS.firstByteTimeout}).`),
  idleTimeout: duration.optional().describe(`Between two reads (${DEFAULTS.idleTimeout}).`),
  retries: z.int().min(0).optional().describe(`Further attempts for one request (${DEFAULTS.retries}).`),
  maxRetryAfter: duration.optional().describe(`The longest Retry-After to wait (${DEFAULTS.maxRetryAfter}).`),
  deadline: duration.optional().describe('For the whole run; what is not done then is left to --resume.'),
  adapt: z.boolean().optional().describe('Slow down for 429 and 503, give up on dead origins (true).'),
  blockPrivate: z
    .boolean()
    .optional()
    .describe('Connect to public addresses only: none of this host, a private network, a cloud (false).'),
  maxBody: size.optional().describe('Of one decoded body (64MB).'),
  memory: size
    .optional()
    .describe(
      'Of all bodies together, and of what SQL holds; beyond it the disk is used (a quarter of the memory).',
    ),
});

const dump = kindOfDump(
  z.strictObject({
    table: tableName.describe('A request, a query of crunch, or rows.'),
    to: text.describe(
      'terminal, a file (.csv .jsonl .parquet .md .prom .duckdb; {{date}}, {{time}} and {{name}} are filled in), one in S3 (s3://bucket/name.csv), or a URL to POST to.',
    ),
    format: z
      .enum(['csv', 'jsonl', 'parquet', 'markdown', 'prometheus', 'duckdb'])
      .optional()
      .describe('What the file is, where its name does not say so.'),
    mode: z.enum(['replace', 'append', 'upsert']).optional().describe('For a DuckDB file (replace).'),
    key: z
      .union([text, z.array(text).min(1)])
      .optional()
      .describe('For upsert: the columns that name a row.'),
    csvSafe: z
      .boolean()
      .optional()
      .describe("For CSV: put ' before cells that a spreadsheet would run as a formula (false)."),
    headers: z.record(headerName, template).optional().describe('For a URL.'),
  }),
);

const crunch = z.strictObject({
  name: tableName.describe('The table it makes.'),
  sql: text.describe('A query (DuckDB) over rows, the requests, and the queries before it.'),
});

const check = z.strictObject({
  name: text.describe('What to print when it fails.'),
  sql: text.describe('A query that returns no row when all is well.'),
});

/** A report file. */
export const reportSchema = z.strictObject({
  $schema: z.string().optional(),
  name: z
    .string({ error: 'a name' })
    .regex(/^[A-Za-z0-9][\w.-]{0,99}$/, {
      error: 'a name of letters, digits, _, - and ., which folders can have',
    })
    .optional()
    .describe("What the run's folder is called (the name of the file)."),
  timezone: timezone.optional().describe('Of dates in the names of dumps: Europe/Berlin (UTC).'),
  testServer: z
    .union([z.boolean(), z.strictObject({ host: text.describe('The address that it listens on.') })])
    .optional()
    .describe(
      'Run a test server as long as the run; ${TEST_SERVER} is its address, ${TEST_SERVER_PORT} its port (false).',
    ),
  rows: rows.optional(),
  requests: z.array(request).min(1).describe('What to GET, one after the other; each is a table.'),
  limits: limits.optional(),
  secret: z.array(text).optional().describe('Columns and variables whose values are never written.'),
  crunch: z.array(crunch).optional().describe('Queries over the results, each a table.'),
  check: z.array(check).optional().describe('What must hold; exit code 1 when it does not.'),
  fail: z
    .strictObject({ max: failureLimit.describe('10, or 1%.') })
    .optional()
    .describe('How many rows may fail before the exit code is 1 (0).'),
  dump: z.array(dump).optional().describe('Where tables are written.'),
  keep: z.int().min(1).optional().describe('Run folders that are kept (7).'),
});

export type ReportFile = z.infer<typeof reportSchema>;
export type RowsEntry = z.infer<typeof rows>;
export type RequestEntry = z.infer<typeof request>;
export type AuthEntry = z.infer<typeof auth>;
export type PagesEntry = z.infer<typeof pages>;
export type DumpEntry = z.infer<typeof dump>;

/** The JSON Schema of report files (draft 2020-12), for editors: schema/report.json. */
export function reportJsonSchema(): object {
  const { $schema, ...schema } = z.toJSONSchema(reportSchema, { io: 'input' });
  return {
    $schema,
    title: 'A report of abreast',
    description: 'What `abreast report` reads, as YAML or JSON.',
    ...schema,
  };
}
