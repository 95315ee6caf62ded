import { writeFileSync } from 'node:fs';
import { UsageError } from '../usage.ts';

/** Writes a first report file. @throws UsageError where there is something already */
export function writeFirst(file: string, schema: string): void {
  try {
    writeFileSync(file, firstReport(file, schema), { flag: 'wx' });
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST')
      throw new UsageError(
        `${file} is there already, and stays as it is; name another file: abreast report init FILE`,
      );
    throw new UsageError(`${file} can't be written: ${message}`);
  }
}

function firstReport(file: string, schema: string): string {
  return `# yaml-language-server: $schema=${schema}
# A report: rows, a GET for each, SQL over the answers, dumps. It runs as it is:
#
#   abreast report --check ${file}    what it would do
#   abreast report ${file}
#
# To make it yours: leave testServer out, put your rows in, and your address in the place of \${TEST_SERVER}.

name: first

# A server to try it on, which runs as long as the report; \${TEST_SERVER} is where it is.
testServer: true

# One GET for each row. Rows may also come from a file, "csv: services.csv", or from SQL.
rows:
  inline:
    - { service: accounts, delay: 0.3 }
    - { service: billing, delay: 0.1 }
    - { service: catalogue, delay: 0.5 }
    - { service: search, delay: 0.2 }
    - { service: shipping, delay: 0.4 }

requests:
  - name: health
    url: "\${TEST_SERVER}/delay/{{delay}}?service={{service}}"
    good: { status: 2xx }

limits: { concurrency: 20, timeout: 10s, retries: 3 }

# SQL (DuckDB) over the answers: the table of a request has the row's columns, status, error, total_ms, body, ...
crunch:
  - name: services
    sql: |
      select service, status, round(total_ms) as ms, body->>'$.args.service[0]' as said
      from health
      order by total_ms desc

# What must return no row; else the exit code is 1.
check:
  - { name: all services answer, sql: "select service, error from health where error is not null" }

dump:
  - { table: services, to: terminal }
  - { table: services, to: "out/services-{{date}}.csv" }
`;
}
