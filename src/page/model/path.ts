import { criticalPath, type PathPiece } from '../../diagnose/browser.ts';
import type { Exchange } from '../../trace/browser.ts';
import { type Segments, segmentsAt } from './segments.ts';

/** A stretch of the critical path, with the place of its exchange in the trace. */
export interface PathLine extends PathPiece {
  readonly at: number;
}

/** The critical path of a run whose segments are known: they say how long an opening was held up by another exchange. */
export function pathLines(
  exchanges: readonly Exchange[],
  segments: Segments,
  endedUs: number,
): readonly PathLine[] {
  const places = new Map(exchanges.map(({ id }, at) => [id, at]));
  const pieces = criticalPath(exchanges, endedUs, ({ id }, fromUs, toUs) =>
    segmentsAt(segments, places.get(id)!)
      .filter(({ kind }) => kind === 'blocked')
      .reduce((sum, one) => sum + Math.max(0, Math.min(one.toUs, toUs) - Math.max(one.fromUs, fromUs)), 0),
  );
  return pieces.map((piece) => ({ ...piece, at: places.get(piece.exchange)! }));
}
