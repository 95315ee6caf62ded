import { redactUrl } from '../trace/index.ts';
import { DELAY_REASONS, type DelayReason, type Judgement, type VerdictReason } from './judgement.ts';
import { duration, shortNumber } from './numbers.ts';
import type { Step } from './steps.ts';
import { MOSTLY_FULL } from './thresholds.ts';

/** What each step's wait is, in a sentence. */
export const HELD_UP: Readonly<Record<Step, string>> = {
  wanted: 'Each request was wanted only after the one before it was read',
  dispatched:
    'Requests that were wanted waited before they could be sent: for a slot, a permit, a worker or a lock',
  connected: 'Requests waited for their connection: for its name, its opening or its handshake',
  sent: 'Requests had their connection and were not sent',
  answered: 'Requests were sent, and their answers took longer than they had to',
  read: 'Answers had arrived, and the program did not read them',
};

function isDelay(because: VerdictReason): because is DelayReason {
  return DELAY_REASONS.some((reason) => reason === because);
}

const REASONS: Readonly<Record<Exclude<VerdictReason, DelayReason>, string>> = {
  nothing: 'no request was seen',
  'only one': 'one request has nothing to overlap with',
  'never sent': 'no request was ever sent',
  'wanted unseen': 'nobody saw how many were wanted at once; --wanted N says it',
  unread:
    'the answers were not read to their ends, and each keeps its connection: whatever else was wanted may wait for one; --wanted N says how many were',
  dependent: 'each URL came out of the answer before it',
  'client is the limit':
    'the CPU of the client is the limit: the program computed, or waited for a CPU, in the time that was lost. More requests at once would not make it faster',
};

/** What took less of the time is not said. */
const WORTH_A_WORD = 0.2;
/** A smaller factor is within the noise of a run. */
const WORTH_SAYING = 1.05;

/** The verdict of a judgement in one sentence, with the two numbers, or with what else is to be said of its overlap. */
export function sentenceOf(judgement: Judgement, overlap = overlapOf(judgement)): string {
  return isFailing(judgement) ? `${failuresOf(judgement)}; ${overlap}` : overlap;
}

/** From this share of its requests or attempts on, a run is first of all one that failed. */
const FAILING = 0.1;

function isFailing({ endings: { failed }, requests }: Judgement): boolean {
  return failed > 0 && failed >= FAILING * requests;
}

/** '18 of 20 failed: timed out waiting for the answer (https://example.com/a)' */
function failuresOf({ endings: { failed, reasons }, exchanges }: Judgement): string {
  const [most, ...others] = reasons;
  if (most === undefined) return `${failed} of ${exchanges} failed`;
  const part = others.length === 0 ? '' : `${most.count} `;
  return `${failed} of ${exchanges} failed: ${part}${most.text} (${redactUrl(most.url)})`;
}

function overlapOf(judgement: Judgement): string {
  const {
    overlap,
    step,
    wanted,
    requests,
    inFlight,
    wallUs,
    possibleWallUs,
    factor,
    batches,
    because,
    dependence,
  } = judgement;
  const flying = `${shortNumber(inFlight.mean)} in flight on average`;
  if (overlap === 'unknown')
    return `unknown: ${isSteady(judgement) ? `at most ${inFlight.max} at a time, most of the time as many; ` : ''}${REASONS[because === null || isDelay(because) ? 'wanted unseen' : because]}`;
  const called = wanted === null ? `${requests} requests` : `${wanted} wanted at once`;
  if (because === 'client is the limit')
    return `concurrent, as far as the CPU of this client allows: ${requests} requests, ${flying}; took ${duration(wallUs)}`;
  if (overlap === 'concurrent') return `concurrent: ${called}, ${flying}; took ${duration(wallUs)}`;
  const possible =
    possibleWallUs === null || factor === null || factor < WORTH_SAYING
      ? ''
      : `, ${duration(possibleWallUs)} possible (${factor.toFixed(factor < 10 ? 1 : 0)}x)`;
  if (batches !== null)
    return `${overlap}: ${requests} requests in batches of ${batches.size}, each batch wanted after the last of the one before was read; took ${duration(wallUs)}${possible} with as many at once all the time`;
  if (because === 'dependent')
    return `${overlap}: ${requests} requests, each of which came out of the answer before it; took ${duration(wallUs)}`;
  if (step === 'wanted' && because !== 'two trips')
    return `${overlap}: ${requests} requests, each wanted after the last was read; took ${duration(wallUs)}${possible}${possible === '' || dependence === 'independent' ? '' : ' if no URL comes out of an earlier answer'}`;
  return `${overlap}: ${called}, ${flying}; took ${duration(wallUs)}${possible}`;
}

/** Whether a program of which nobody saw what it wanted kept the same number in flight all the time. */
export function isSteady({ because, exchanges, inFlight: { full, max } }: Judgement): boolean {
  return because === 'wanted unseen' && max >= 2 && exchanges >= 2 * max && full >= MOSTLY_FULL;
}

/** What else is to be known of a judgement, a sentence each. @param isThrottled the server refused requests */
export function factsOf(judgement: Judgement, isThrottled: boolean): string[] {
  const { overlap, because, step, neverSent, exchanges, answered, wallUs, preparationUs } = judgement;
  const facts: string[] = [];
  // Of what is unknown the sentence of the verdict says why.
  if (because !== null && because !== 'dependent' && !isDelay(because) && overlap !== 'unknown')
    facts.push(sentence(REASONS[because]));
  if (because === 'wanted unseen' || because === 'unread') facts.push(whatWasSeen(judgement));
  if (step === 'answered' && overlap !== 'concurrent' && because === null && !isThrottled)
    facts.push(
      'Possible only: latencies that happen to rise with each request look the same. A run with one request at a time decides: if each is then answered much sooner, the server or a proxy queues them.',
    );
  if (overlap === 'concurrent' && preparationUs >= WORTH_A_WORD * wallUs)
    facts.push(
      `For ${duration(preparationUs)} the program did something else for each of them before it called for the first.`,
    );
  facts.push(...endingFacts(judgement));
  if (neverSent > 0) facts.push(`${neverSent} of ${exchanges} were never sent.`);
  if (answered === 0 && exchanges > 0) facts.push('Nothing was answered: a run that fails fast is not fast.');
  if (isStepUncertain(judgement))
    facts.push(`Nobody saw the step before '${step}': the wait may have been there.`);
  return facts;
}

function endingFacts(judgement: Judgement): string[] {
  const { endings, exchanges } = judgement;
  const { failed, cancelled, underWay, reasons } = endings;
  const others = reasons.slice(1, 1 + MOST_REASONS).map(({ text, count }) => `${count}: ${text}`);
  return [
    ...(failed > 0 && !isFailing(judgement) ? [`${failuresOf(judgement)}.`] : []),
    ...(others.length > 0 ? [`Of those that failed, ${others.join('; ')}.`] : []),
    ...(cancelled > 0
      ? [`${cancelled} of ${exchanges} were given up when another one had its answer: no failures.`]
      : []),
    ...(underWay > 0 ? [`${underWay} of ${exchanges} were under way when the program ended.`] : []),
  ];
}

const MOST_REASONS = 2;

function whatWasSeen({ exchanges, inFlight, wallUs }: Judgement): string {
  return `${exchanges} exchanges in ${duration(wallUs)}: ${shortNumber(inFlight.mean)} in flight in the mean, ${inFlight.max} at most.`;
}

function isStepUncertain({ step, funnel }: Judgement): boolean {
  if (step === 'connected') return funnel.dispatched === null;
  return step === 'sent' && funnel.connected === null;
}

function sentence(text: string): string {
  return `${text[0]!.toUpperCase()}${text.slice(1)}.`;
}
