import { didYouMean, placeWithin } from '../../document/index.ts';
import { ReportError } from '../error.ts';
import type { Report, Request, Template } from '../report.ts';
import { holesOf } from './parse.ts';

/** Holds what a request's templates name against the columns of its rows. @throws ReportError with each that is not there */
export function refuseAbsentColumns(request: Request, columns: readonly string[], report: Report): void {
  const faults = templatesOf(request).flatMap(({ place, text, parts }) =>
    [...holesOf(parts)]
      .filter(({ column }) => !columns.includes(column) && !columns.includes(column.split('.')[0]!))
      .map(({ column, offset }) => {
        const at = placeWithin(place, text, offset);
        return `${report.file}:${at.line}:${at.column}: ${absentColumn(column, columns)}`;
      }),
  );
  if (faults.length > 0) throw new ReportError(faults.join('\n'));
}

/** That there is no such column, and which was meant. */
export function absentColumn(column: string, columns: readonly string[]): string {
  const named = columns.slice(0, 10).map((known) => `'${known}'`);
  const there = named.length === 0 ? 'there is no column at all' : `expected one of ${named.join(', ')}`;
  return `no row has the column '${column}'${didYouMean(column, columns) || `; ${there}`}`;
}

/** Every template of a request. */
export function templatesOf({ url, query, headers, auth }: Request): readonly Template[] {
  return [
    url,
    ...[...query, ...headers].map(({ value }) => value),
    ...auth.flatMap(({ header }) => {
      if ('bearer' in header) return [header.bearer];
      return 'basic' in header ? [header.basic.user, header.basic.password] : [];
    }),
  ];
}
