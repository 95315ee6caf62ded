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
  const shaped = exchanges.flatMap((exchange) => {
    const shape = shapeOf(exchange);
    const wantedUs = timesOf(exchange)?.wanted;
    if (shape === undefined || wantedUs === undefined) return [];
    return [{ shape, origin: exchange.origin, round: roundAt(begins, wantedUs) }];
  });
  const rounds = [...Map.groupBy(shaped, ({ round }) => round).values()];
  // Rounds that mix origins are no stages by their origins.
  const isOfOne = rounds.filter((round) => new Set(round.map(({ origin }) => origin)).size === 1);
  const isByOrigin = isOfOne.length >= MOSTLY * rounds.length;
  const known = rounds.map(
    (round) => new Set(round.map(({ shape, origin }) => (isByOrigin ? `${origin}${shape}` : shape))),
  );
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
  const { pathname, searchParams } = new URL(url);
  return `${method} ${pathname.replace(ID, '*')}?${[...searchParams.keys()].sort().join('&')}`;
}
