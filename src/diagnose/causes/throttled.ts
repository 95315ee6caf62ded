import { isHeeded, throttlingOf } from '../delays/refusals.ts';
import { throttledText } from '../delays/texts.ts';
import { placesOf } from '../languages/frames.ts';
import { rule } from '../rule.ts';
import { LEAST_BLAMED } from '../thresholds.ts';

/** A server refuses what is too much for it, and the program tries again too early, or too late. */
export const throttled = rule({
  id: 'throttled',
  step: 'answered',
  means: 'the server refuses requests (429, 503), and the program does not wait as long as the server says',
  toldFrom: 'the statuses, the time until each was made again, and `Retry-After`',
  fix: {
    any: 'Send fewer requests at once, so that none is refused, and wait as long as `Retry-After` says before the next attempt.',
    python:
      "Send fewer requests at once, so that none is refused, and wait as long as the server says: `time.sleep(float(answer.headers['Retry-After']))`, or urllib3's `Retry(status_forcelist=[429, 503])`, which does so by itself.",
    node: "Send fewer requests at once, so that none is refused, and wait as long as the server says: `await setTimeout(1000 * answer.headers.get('retry-after'))` of node:timers/promises.",
    ruby: "Send fewer requests at once, so that none is refused, and wait as long as the server says: `sleep answer['Retry-After'].to_f`.",
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
    // A program that tries again too early has requests under way all the time, in vain: all of its waiting is lost.
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
