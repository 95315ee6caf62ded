import { isHeeded, throttlingOf } from '../delays/refusals.ts';
import { throttledText } from '../delays/texts.ts';
import { placesOf } from '../languages/frames.ts';
import { rule } from '../rule.ts';
import { LEAST_BLAMED } from '../thresholds.ts';

/** A server that refuses what is too much for it, and a program that makes it again at the wrong time. */
export const throttled = rule({
  id: 'throttled',
  step: 'answered',
  means: 'the server refuses requests (429, 503), and the program does not wait for as long as it is told',
  toldFrom: 'the statuses, the time until each was made again, and `Retry-After`',
  fix: {
    any: 'Ask for fewer at once, so that none is refused; and wait for as long as `Retry-After` says before the next attempt.',
  },
  sure: 'certain; where no `Retry-After` was seen, it is a fact and no cause',
  references: [
    {
      url: 'https://www.rfc-editor.org/rfc/rfc6585#section-4',
      title: 'RFC 6585, 429 Too Many Requests',
    },
  ],
  yieldsTo: [],
  find: (scene) => {
    const throttling = throttlingOf(scene.evidence);
    if (throttling === undefined || scene.judgement.wallUs === 0) return undefined;
    if (isHeeded(throttling)) return undefined;
    const { lostUs, waitedUs, heeded, slept } = throttling;
    // Who asks again too early has always something under way, in vain.
    const share = (heeded === 'too early' ? waitedUs : lostUs) / scene.judgement.wallUs;
    if (share < LEAST_BLAMED) return undefined;
    return {
      confidence: 'certain',
      share,
      text: throttledText(throttling),
      places: placesOf(slept?.own),
      evidence: [],
    };
  },
});
