import { rule } from '../rule.ts';
import { oneProgram } from '../scene/one-program.ts';

/** wget gets one URL after another, always. */
export const wgetOneByOne = rule({
  id: 'wget-one-by-one',
  step: 'wanted',
  means: 'wget gets its URLs one after another',
  toldFrom: 'its name',
  fix: { any: 'wget gets one URL at a time; xargs -P N wget, or curl --parallel, get several.' },
  sure: 'certain',
  references: [],
  yieldsTo: ['one-process-at-a-time', 'loop-waits-for-child'],
  find: (scene) => {
    const one = oneProgram(scene);
    if (one?.name !== 'wget') return undefined;
    return {
      confidence: 'certain',
      share: scene.lostShare,
      text: `wget made its ${scene.exchanges.length} requests one after another, ${one.over}, as it always does.`,
      places: [],
      evidence: one.evidence,
    };
  },
});
