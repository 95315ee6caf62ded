import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { parsed } from './abreast.ts';

/** A report of `count` rows, whose dump has no times: two runs of it can be compared byte by byte. */
export function layReport(folder: string, { url, count, more = '', name = 'faults' }: Laid): string {
  const ids = Array.from({ length: count }, (_, id) => `${id}\n`);
  writeFileSync(join(folder, 'rows.csv'), `id\n${ids.join('')}`);
  const file = join(folder, `${name}.yaml`);
  writeFileSync(
    file,
    `name: ${name}
rows: { csv: rows.csv }
requests:
  - { name: gets, url: "${url}" }
crunch:
  - name: sorted
    sql: select id, status, error.code as error, body->>'$.url' as said from gets order by id
dump:
  - { table: sorted, to: ${name}.csv }
${more}`,
  );
  return file;
}

interface Laid {
  readonly url: string;
  readonly count: number;
  /** Further keys of the report. */
  readonly more?: string;
  readonly name?: string;
}

/** The indexes in all parts of a run, in order. */
export function indexesIn(run: string): number[] {
  const files = readdirSync(join(run, 'parts'), { recursive: true, withFileTypes: true });
  return files
    .filter((entry) => entry.isFile())
    .flatMap(({ parentPath, name }) => parsed(readFileSync(join(parentPath, name), 'utf8')))
    .map(({ index }) => index)
    .sort((one, other) => one - other);
}

/** Every file under a folder, as one text. */
export function allOf(folder: string): string {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => unpacked(join(parentPath, name)))
    .join('\n');
}

function unpacked(path: string): string {
  const bytes = readFileSync(path);
  if (path.endsWith('.gz')) return gunzipSync(bytes).toString('latin1');
  if (!path.endsWith('.zst')) return bytes.toString('latin1');
  // A trace that was cut short is read as far as it goes.
  const { zstdDecompressSync, constants } = process.getBuiltinModule('node:zlib');
  return zstdDecompressSync(bytes, { finishFlush: constants.ZSTD_e_flush }).toString('latin1');
}

export function upTo(count: number): number[] {
  return Array.from({ length: count }, (_, i) => i);
}
