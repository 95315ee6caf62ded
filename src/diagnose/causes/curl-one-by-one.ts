import { rule } from '../rule.ts';
import { oneProgram } from '../scene/one-program.ts';

const PARALLEL = /^(?:--parallel|-[a-zA-Z]*Z[a-zA-Z]*)$/;

/** curl gets one URL after another, unless `--parallel` is given. */
export const curlOneByOne = rule({
  id: 'curl-one-by-one',
  step: 'wanted',
  means: 'curl gets its URLs one after another',
  toldFrom: 'its arguments lack `--parallel`',
  fix: { any: 'Give curl --parallel (-Z), and --parallel-max if more than 50 are wanted at once.' },
  sure: 'certain',
  references: [{ url: 'https://github.com/curl/curl/pull/3804', title: 'curl: support parallel transfers' }],
  yieldsTo: ['one-process-at-a-time', 'loop-waits-for-child'],
  find: (scene) => {
    const one = oneProgram(scene);
    if (one?.name !== 'curl' || one.process?.argv?.some((word) => PARALLEL.test(word))) return undefined;
    return {
      confidence: 'certain',
      share: scene.lostShare,
      text: `curl made its ${scene.exchanges.length} requests one after another, ${one.over}, as it does without --parallel.`,
      places: [],
      evidence: one.evidence,
    };
  },
});
