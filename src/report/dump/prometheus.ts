import { type Database, name } from '../crunch/database.ts';
import { ReportError } from '../error.ts';
import type { Row } from '../report.ts';
import { type Column, columnsOf, tableName } from './columns.ts';

/**
 * A table as text for Prometheus (exposition format 0.0.4): each column of numbers is a gauge `<table>_<column>`, true
 * and false are 1 and 0, each column of text, dates or times is a label, null is left out, and so are lists and objects.
 *
 * @throws ReportError for a table without numbers, and for rows that no label tells apart.
 */
export async function* prometheusLines(database: Database, table: string): AsyncGenerator<string> {
  const columns = await columnsOf(database, table);
  refuseNames(columns, table);
  const gauges = gaugesOf(columns);
  const labels = labelsOf(columns);
  await refuseEqualLabels(database, table, labels);
  for (const gauge of gauges) {
    const metric = `${metricName({ ...gauge, name: table })}_${metricName(gauge).replace(/^_+/, '')}`;
    yield `# HELP ${metric} ${table}.${gauge.name} of a report of abreast\n# TYPE ${metric} gauge\n`;
    const selected = [gauge.name, ...labels].map(name).join(', ');
    for await (const batch of database.batches(`select ${selected} from ${tableName(table)}`))
      yield batch.map((row) => sampleLine(metric, row[gauge.name], labels, row)).join('');
  }
}

/** @throws ReportError for a table without numbers, and for two columns that Prometheus gives one name. */
export function refuseNames(columns: readonly Column[], table: string): void {
  const gauges = gaugesOf(columns);
  if (gauges.length === 0)
    throw new ReportError(`'${table}' has no column of numbers, and Prometheus wants some`);
  refuseTwins(gauges.map(metricName), table);
  refuseTwins(labelsOf(columns).map(labelName), table);
}

function gaugesOf(columns: readonly Column[]): readonly Column[] {
  return columns.filter(({ kind }) => kind === 'whole' || kind === 'real' || kind === 'boolean');
}

function labelsOf(columns: readonly Column[]): readonly string[] {
  return columns.filter(({ kind }) => kind === 'text').map(({ name: column }) => column);
}

function sampleLine(metric: string, value: unknown, labels: readonly string[], row: Row): string {
  if (value === null) return '';
  const pairs = labels
    .filter((label) => row[label] !== null)
    .map((label) => `${labelName(label)}="${escaped(String(row[label]))}"`);
  return `${metric}${pairs.length > 0 ? `{${pairs.join(',')}}` : ''} ${sampleValue(value)}\n`;
}

function sampleValue(value: unknown): string {
  if (value === true || value === false) return value ? '1' : '0';
  return String(value).replace('-Infinity', '-Inf').replace('Infinity', '+Inf');
}

function escaped(text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
}

/** Of letters, digits and `_`, and not with a digit first. */
function metricName({ name: text }: Pick<Column, 'name'>): string {
  return text.replace(/[^A-Za-z0-9_]/g, '_').replace(/^(?=\d)/, '_');
}

/** Names that begin with `__` are Prometheus' own. */
function labelName(text: string): string {
  return metricName({ name: text }).replace(/^__+/, '_');
}

function refuseTwins(names: readonly string[], table: string): void {
  const twin = names.find((text, at) => names.indexOf(text) !== at);
  if (twin !== undefined)
    throw new ReportError(`'${table}' has two columns that Prometheus would call '${twin}'; rename one`);
}

async function refuseEqualLabels(
  database: Database,
  table: string,
  labels: readonly string[],
): Promise<void> {
  const group = labels.length === 0 ? '' : `group by ${labels.map(name).join(', ')}`;
  const shown = labels.length === 0 ? 'null::varchar' : name(labels[0]!);
  const [twin] = await database.all(
    `select ${shown} as label, count(*) as rows from ${tableName(table)} ${group} having count(*) > 1 limit 1`,
  );
  if (twin === undefined) return;
  const what = labels.length === 0 ? 'no column of text' : `the same labels (${labels[0]}="${twin.label}")`;
  throw new ReportError(
    `${twin.rows} rows of '${table}' have ${what}, and Prometheus can't tell them apart: group them, or add a column of text`,
  );
}
