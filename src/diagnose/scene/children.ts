import type { Block } from '../../trace/index.ts';
import { overlapUs } from '../spans.ts';
import { NEARLY_ALL } from '../thresholds.ts';
import { ofScene } from './scene.ts';

/** Waits for a child that cover the requests of other processes: each request is of a child that was waited for. */
export const childrenWaitedFor = ofScene((scene): readonly Block[] | undefined => {
  const blocks = scene.blocks.filter(({ wait, stack }) => wait.kind === 'child' && stack !== undefined);
  if (blocks.length < 2) return undefined;
  const covered = scene.sample.filter(({ exchange, times, endUs }) =>
    blocks.some(
      (block) =>
        block.pid !== exchange.pid &&
        overlapUs(block.fromUs, block.toUs, times.wanted, endUs) >= NEARLY_ALL * (endUs - times.wanted),
    ),
  );
  return covered.length >= NEARLY_ALL * scene.sample.length ? blocks : undefined;
});
