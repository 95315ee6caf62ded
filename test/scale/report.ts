import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** What the report of a run asks for. */
export interface Work {
  readonly count: number;
  /** Addresses of test servers, which take turns. */
  readonly sites: readonly string[];
  readonly perOrigin: number;
  readonly rate: number | null;
  readonly delayMs: number;
}

/** What the tables of a run say. */
export interface Counts {
  readonly results: number;
  /** Different rows among the results. */
  readonly rows: number;
  readonly failed: number;
}

/** Writes the report file of this work into a folder; gives its path. */
export function writeReport(folder: string, { count, sites, perOrigin, rate, delayMs }: Work): string {
  const file = join(folder, 'scale.yaml');
  const addresses = sites.map((site) => `'${site}'`).join(', ');
  writeFileSync(
    file,
    `name: scale
rows:
  sql: select range as n, [${addresses}][1 + range % ${sites.length}] as site from range(${count})
requests:
  - { name: gets, url: "{{site}}/delay/${delayMs}ms?n={{n}}" }
limits:
  concurrency: ${perOrigin * sites.length}
  perOrigin: ${perOrigin}
${rate === null ? '' : `  perOriginRate: ${rate}/s\n`}crunch:
  - name: counts
    sql: select count(*) as results, count(distinct n) as rows, count(*) filter (error is not null) as failed from gets
dump: [{ table: counts, to: counts.jsonl }]
`,
  );
  return file;
}

/** What a report that ended has dumped; null where it did not come to that. */
export function readCounts(folder: string): Counts | null {
  try {
    return JSON.parse(readFileSync(join(folder, 'counts.jsonl'), 'utf8'));
  } catch {
    return null;
  }
}
