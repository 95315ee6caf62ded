import type { Block } from '../../trace/index.ts';
import { unionUs } from './holding.ts';
import type { Scene } from './scene.ts';

/** The part of the lost time that CPU has to take to have taken it. */
const CPU_SHARE = 0.7;
/** And what the thread may have stood still of it, where that is all that is known. */
const MOST_IDLE = 0.2;

/**
 * Whether the time that was lost is what the requests themselves cost in this program: a faster client, or machine,
 * would take less. Told from what threads were seen to compute; or, of a loop whose waits were all seen, from its
 * not having waited longer than the answers alone would have made it.
 */
export function isClientsCpu(scene: Scene): boolean {
  const { wallUs, possibleWallUs, preparationUs } = scene.judgement;
  const lostUs = wallUs - preparationUs - (possibleWallUs ?? 0);
  if (lostUs <= 0) return false;
  const threads = new Set(scene.sample.map(({ exchange: { pid, thread } }) => `${pid}:${thread}`));
  const own = scene.blocks.filter(({ pid, thread }) => threads.has(`${pid}:${thread}`));
  if (unionUs(own.filter(isComputing), scene) >= CPU_SHARE * lostUs) return true;
  if (threads.size > 1 || !areWaitsSeen(scene)) return false;
  const idleUs = unionUs(
    own.filter((block) => !isComputing(block)),
    scene,
  );
  return idleUs <= preparationUs + (possibleWallUs ?? 0) + MOST_IDLE * lostUs;
}

function isComputing({ in: call }: Block): boolean {
  return call === 'cpu';
}

/** From outside, all waits of a thread are seen that are no locks; a loop has none. */
function areWaitsSeen({ evidence }: Scene): boolean {
  return evidence.recorders?.some(({ name }) => name === 'syscalls') ?? false;
}
