import { didYouMean, type Fault } from '../../document/index.ts';
import {
  absentColumn,
  type EnvironmentVariables,
  fillVariables,
  holesOf,
  parseTemplate,
} from '../template/index.ts';
import { type Found, find, findTexts } from './find.ts';
import { inlineFaults } from './inline.ts';
import { isHttp, schemeOf, strangeUrl } from './scheme.ts';

const OF_REQUESTS = [
  'requests.*.url',
  'requests.*.query.*',
  'requests.*.headers.*',
  ...['requests.*.auth', 'requests.*.auth.*'].flatMap((auth) => [
    `${auth}.bearer`,
    `${auth}.basic.user`,
    `${auth}.basic.password`,
  ]),
];

/** What the target of a dump may say of the run. */
const OF_DUMPS = ['date', 'time', 'name'];

/** One of them, but neither `{{date}}` nor `${date}`. */
const SINGLE_BRACES = new RegExp(`(?<![{$])\\{\\s*(${OF_DUMPS.join('|')})\\s*\\}`, 'g');

const NOWHERE = { line: 1, column: 1 };

/** Templates that don't parse, variables that are missing, columns that no row can have. */
export function templateFaults(data: unknown, env: EnvironmentVariables): readonly Fault[] {
  return [
    ...requestTemplateFaults(data, env),
    ...findTexts(data, 'dump.*.to', 'dump.*.headers.*').flatMap((found) => faultsOfDump(found, env)),
    ...inlineFaults(data, env),
  ];
}

/** `known`: all columns that there are; null where only the run will tell. */
function faultsOf(
  { path, value }: Found<string>,
  env: EnvironmentVariables,
  known: readonly string[] | null,
): Fault[] {
  const { template, faults } = parseTemplate(value, NOWHERE, env);
  if (faults.length > 0 || known === null) return faults.map((fault) => ({ path, ...fault }));
  return [...holesOf(template.parts)]
    .filter(({ column }) => !known.includes(column) && !known.includes(column.split('.')[0]!))
    .map(({ column, offset }) => ({
      path,
      offset,
      text: absentColumn(column, known),
    }));
}

/** A URL that can't be asked for, whatever the row. */
function unaskable({ path, value }: Found<string>, env: EnvironmentVariables): Fault[] {
  const constant = fillVariables(value.split('{{', 1)[0]!, env).text;
  const scheme = schemeOf(constant);
  if (scheme === null || isHttp(scheme)) return [];
  return [{ path, text: strangeUrl(constant, 'a URL that begins with http:// or https://') }];
}

/** The same, of requests alone. */
export function requestTemplateFaults(data: unknown, env: EnvironmentVariables): readonly Fault[] {
  return [
    ...findTexts(data, ...OF_REQUESTS).flatMap((found) => faultsOf(found, env, columnsFor(data, found))),
    ...findTexts(data, 'requests.*.url').flatMap((found) => unaskable(found, env)),
  ];
}

function faultsOfDump({ path, value }: Found<string>, env: EnvironmentVariables): Fault[] {
  const { template, faults } = parseTemplate(value, NOWHERE, env);
  const odd = [...holesOf(template.parts)].filter(
    ({ column, fallback, whenThere }) =>
      !OF_DUMPS.includes(column) || fallback !== null || whenThere !== null,
  );
  return [
    ...faults.map((fault) => ({ path, ...fault })),
    ...(faults.length > 0 ? [] : odd).map(({ column, offset }) => ({
      path,
      offset,
      text: `'{{${column}}}' is not known here: a dump is not about one row; expected {{date}}, {{time}} or {{name}}${didYouMean(column, OF_DUMPS)}`,
    })),
    ...[...value.matchAll(SINGLE_BRACES)].map(({ 0: word, 1: column, index }) => ({
      path,
      offset: index,
      text: `'${word}' would stay as it is; did you mean '{{${column}}}'?`,
    })),
  ];
}

/** The columns of the rows that a request goes over, when they stand in the file. */
function columnsFor(data: unknown, { path }: Found): readonly string[] | null {
  const request = path.slice(0, 2).join('.');
  const [rows] = [...find(data, `${request}.rows`), ...find(data, 'rows')];
  if (rows === undefined) return null;
  const renamed = new Map(findTexts(rows.value, 'rename.*').map(({ path, value }) => [path.at(-1), value]));
  const columns = find(rows.value, 'inline.*.*').map(
    ({ path: [, , column] }) => renamed.get(column) ?? String(column),
  );
  return columns.length === 0 ? null : [...new Set(columns)];
}
