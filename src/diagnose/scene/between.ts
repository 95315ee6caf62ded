import { countWhile, type Exchange } from '../../trace/index.ts';
import { ownFrame, placeOf } from '../languages/frames.ts';
import { timesOf } from '../steps.ts';
import { NEARLY_ALL } from '../thresholds.ts';
import { ofScene, type Scene } from './scene.ts';

/** Requests of other lines that keep those of a scene apart: each of these begins when the last of the others is read. */
export interface Between {
  /** How many there are before each, in the mean. */
  readonly count: number;
  /** The line that the first of them were made at; null where nobody saw it. */
  readonly at: string | null;
  /** Whether a recorder knows that no URL came out of their answers. */
  readonly isIndependent: boolean;
}

/** Fewer gaps may be by chance. */
const LEAST_GAPS = 3;
/** One other request before each makes one chain of both lines. */
const LEAST_BETWEEN = 2;
/** At once: within so much of the gap, or a moment. */
const PAUSE_SHARE = 0.1;
const MOMENT_US = 20_000;

/** Undefined where the requests of the scene follow each other, or something that is no request. */
export const requestsBetween = ofScene((scene): Between | undefined => {
  const gaps = gapsOf(scene);
  const kept = gaps.filter(({ others, next, lastEndUs, fromUs }) => {
    const pauseUs = next.wantedUs - lastEndUs;
    const isAtOnce = Math.abs(pauseUs) <= Math.max(MOMENT_US, PAUSE_SHARE * (next.wantedUs - fromUs));
    return others.length >= LEAST_BETWEEN && isAtOnce;
  });
  if (gaps.length < LEAST_GAPS || kept.length < NEARLY_ALL * gaps.length) return undefined;
  const isApart = ({ next: { from }, others }: Gap): boolean =>
    from !== undefined && others.every(({ id }) => !from.includes(id));
  const own = ownFrame(scene.framesOf(kept[0]!.others[0]!.stack));
  return {
    count: Math.round(kept.reduce((sum, { others }) => sum + others.length, 0) / kept.length),
    at: own === undefined ? null : placeOf(own),
    isIndependent: kept.every(isApart),
  };
});

interface Gap {
  readonly fromUs: number;
  readonly next: { readonly wantedUs: number; readonly from?: readonly number[] | undefined };
  /** Other requests of the same process that began in the gap, and when the last of them was over. */
  readonly others: readonly Exchange[];
  readonly lastEndUs: number;
}

function gapsOf({ exchanges, evidence }: Scene): readonly Gap[] {
  const own = new Set(exchanges.map(({ exchange }) => exchange.id));
  const pids = new Set(exchanges.map(({ exchange: { pid } }) => pid));
  const all = evidence.exchange
    .filter(({ id, pid }) => pids.has(pid) && !own.has(id))
    .flatMap((exchange) => {
      const times = timesOf(exchange);
      return times === undefined ? [] : [{ exchange, wanted: times.wanted, end: times.end }];
    })
    .sort((one, other) => one.wanted - other.wanted);
  const starts = all.map(({ wanted }) => wanted);
  return exchanges.slice(1).map(({ exchange, times }, index) => {
    const fromUs = exchanges[index]!.endUs;
    const first = countWhile(starts, (start) => start < fromUs);
    const others = all.slice(
      first,
      countWhile(starts, (start) => start < times.wanted),
    );
    return {
      fromUs,
      next: { wantedUs: times.wanted, from: exchange.from },
      others: others.map((other) => other.exchange),
      lastEndUs: others.reduce((last, { end }) => Math.max(last, end), -Infinity),
    };
  });
}
