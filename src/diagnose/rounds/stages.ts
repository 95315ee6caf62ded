import type { Exchange } from '../../trace/index.ts';
import { timesOf } from '../steps.ts';
import { MOSTLY } from '../thresholds.ts';
import { roundAt } from './rounds.ts';

/**
 * Whether rounds are stages of one work and no batches of one list: hardly any asks for the same kind of URL as the
 * round before it. Twelve lists, then twelve details of them, then twelve pictures.
 */
export function areStages(exchanges: readonly Exchange[], begins: ArrayLike<number>): boolean {
  const shapeOf = shapesOf(exchanges);
  const rounds = Array.from({ length: begins.length }, () => new Set<string>());
  for (const exchange of exchanges) {
    const shape = shapeOf(exchange);
    const wantedUs = timesOf(exchange)?.wanted;
    if (shape !== undefined && wantedUs !== undefined) rounds[roundAt(begins, wantedUs)]!.add(shape);
  }
  const known = rounds.filter(({ size }) => size > 0);
  const alike = known.slice(1).filter((round, at) => !round.isDisjointFrom(known[at]!)).length;
  return known.length > 1 && alike < MOSTLY * (known.length - 1);
}

type Shape = (exchange: Exchange) => string | undefined;

/** The kind of a URL: without what looks like an id; where nearly all are still different, without its last part. */
function shapesOf(exchanges: readonly Exchange[]): Shape {
  const shapes = exchanges.flatMap((exchange) => shapeOf(exchange) ?? []);
  const isTelling = new Set(shapes).size <= MOSTLY * shapes.length;
  return isTelling ? shapeOf : (exchange) => shapeOf(exchange)?.replace(/[^/]*(?=\?|$)/, '');
}

/** A part of a path that has a digit, or is long, is an id. */
const ID = /[^/]*\d[^/]*|[^/]{20,}/g;

function shapeOf({ method = 'GET', url }: Exchange): string | undefined {
  if (url === undefined || !URL.canParse(url)) return undefined;
  const { origin, pathname, searchParams } = new URL(url);
  return `${method} ${origin}${pathname.replace(ID, '*')}?${[...searchParams.keys()].sort().join('&')}`;
}
