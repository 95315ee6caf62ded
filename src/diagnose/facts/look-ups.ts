import { duration } from '../numbers.ts';
import { lookUps, lookUpWallShare } from '../scene/look-ups.ts';
import type { Scene } from '../scene/scene.ts';

/** So much of the lost time look-ups have to take to be said. */
const LEAST_OF_LOST = 0.4;

/** What is to be said of look-ups that are side by side and not slow, and yet take most of what was lost. */
export function lookUpsFact(scene: Scene): string | undefined {
  const { step } = scene.judgement;
  if (
    step !== 'connected' ||
    scene.lostShare === 0 ||
    lookUpWallShare(scene) < LEAST_OF_LOST * scene.lostShare
  )
    return undefined;
  const found = lookUps(scene);
  if (found.length === 0) return undefined;
  const longest = found.reduce((most, { fromUs, toUs }) => Math.max(most, toUs - fromUs), 0);
  return `Most of the lost time went into ${found.length} look-ups of names (DNS) side by side, ${duration(longest)} at most: keep addresses or connections.`;
}
