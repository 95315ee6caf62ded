import { failuresMadeAgain } from '../delays/refusals.ts';
import { madeAgainText } from '../delays/texts.ts';
import { placesOf } from '../languages/frames.ts';
import { rule } from '../rule.ts';

/** Requests fail at first, and the program waits before it makes them again: nothing else is under way meanwhile. */
export const retrySleep = rule({
  id: 'retry-sleep',
  step: 'answered',
  means:
    'requests fail at first (an error of the server or of the network), and the program sleeps before it makes them again',
  toldFrom: 'errors and statuses, the time until each was made again, and the sleep in it',
  fix: {
    any: 'Find out why they fail at first; and make the first retry soon, with a pause that grows only if it fails again.',
    python:
      'Find out why they fail at first; and make the first retry soon, with a pause that grows only if it fails again: `wait_exponential(multiplier=0.05)` of tenacity, `Retry(backoff_factor=0.05)` of urllib3.',
    node: 'Find out why they fail at first; and make the first retry soon, with a pause that grows only if it fails again: `minTimeout: 50` of p-retry, `retryDelay: (n) => 50 * 2 ** n` of axios-retry.',
  },
  sure: 'certain with its sleep, else likely; a pause that the server asked for, or that grows each time, is a fact and no cause',
  references: [
    {
      url: 'https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/',
      title: 'Exponential Backoff And Jitter',
    },
  ],
  yieldsTo: [],
  find: ({ judgement, evidence }) => {
    const failures = judgement.because === 'made again' ? failuresMadeAgain(evidence) : undefined;
    if (failures === undefined) return undefined;
    const { lostUs, slept } = failures;
    return {
      confidence: slept === undefined ? 'likely' : 'certain',
      share: lostUs / judgement.wallUs,
      text: madeAgainText(failures),
      places: placesOf(slept?.own),
      evidence: [],
    };
  },
});
