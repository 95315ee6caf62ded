import type { Process } from '../../trace/index.ts';
import { ownFrame, placeOf } from '../languages/frames.ts';
import { duration } from '../numbers.ts';
import { requestsBetween } from '../scene/between.ts';
import { nameOf, processesOf } from '../scene/processes.ts';
import type { Scene } from '../scene/scene.ts';
import { overlapUs, type Span, unionUs } from '../spans.ts';
import { gapsBetween, mean, median, variation } from '../statistics.ts';
import { threadOf } from '../threads.ts';
import { NEARLY_ALL } from '../thresholds.ts';
import { isComputing, waitOf } from '../waits.ts';

/** Shorter pauses are what a program does between two requests. */
const LEAST_SHARE = 0.3;
/** How far pauses may be from their mean (standard deviation over mean) to be made by a clock. */
const MOST_UNEVEN = 0.3;
const LEAST = 4;

/** A distance between two requests that is further from their median is none of the clock's; a few are on a busy machine. */
const MOST_OFF = 0.1;
/** Answers that differ less from their mean take the same time, and tell a clock from a loop no more. */
const LEAST_UNEVEN = 0.05;
/** The distances differ from their mean by so much less than the times of the answers do: one late answer tells. */
const MORE_EVEN = 0.5;
/** A sleep that sets the pace takes at least so much of the time from one request to the next. */
const LEAST_OF_PACE = 0.5;
/** So soon after a sleep begins what was slept for. */
const AT_ONCE_US = 10_000;

/**
 * What to say of a program that waits for the same time between each two of its requests: it polls until something is
 * done, or spares the server. Such a pause is meant, whatever could be requested meanwhile.
 */
export function pausesFact(scene: Scene): string | undefined {
  const { judgement } = scene;
  if (judgement.overlap !== 'serial' || judgement.step !== 'wanted') return undefined;
  if (requestsBetween(scene) !== undefined) return undefined;
  return (
    clockFact(scene) ??
    sleepFact(scene) ??
    napFact(scene) ??
    handedOverFact(scene) ??
    startedFact(scene) ??
    (judgement.wanted === null ? undefined : stillFact(scene))
  );
}

/** It was seen to sleep, about as long each time, before nearly each request. */
function sleepFact(scene: Scene): string | undefined {
  const { exchanges, blocks } = scene;
  const threads = new Set(exchanges.map(({ exchange }) => threadOf(exchange)));
  if (threads.size > 1) return undefined;
  const sleeps = blocks.filter((block) => block.wait.kind === 'sleep' && threads.has(threadOf(block)));
  const sleepUs = sleptUs(scene, sleeps);
  if (sleepUs === undefined) return undefined;
  const own = ownFrame(scene.framesOf(sleeps.find(({ stack }) => stack !== undefined)?.stack));
  const at = own === undefined ? '' : ` (${placeOf(own)})`;
  return `The program sleeps for ${duration(sleepUs)} between each two requests${at}: it polls until something is done, or spares the server. That is no fault.`;
}

/** A script runs `sleep` between each two of the processes that make its requests. */
function napFact(scene: Scene): string | undefined {
  const processes = processesOf(scene);
  const parents = new Set(scene.exchanges.map(({ exchange }) => processes.get(exchange.pid ?? -1)?.parent));
  const naps = [...processes.values()].flatMap((process) => {
    const { parent, startedUs, endedUs } = process;
    const isNap = nameOf(process) === 'sleep' && parents.has(parent);
    return isNap && startedUs !== undefined && endedUs ? [{ fromUs: startedUs, toUs: endedUs }] : [];
  });
  const napUs = sleptUs(scene, naps);
  if (napUs === undefined) return undefined;
  return `The program runs sleep for ${duration(napUs)} between each two requests: it polls until something is done, or spares the server. That is no fault.`;
}

/** How long these sleeps last between each two requests, where they do so nearly each time and about as long. */
function sleptUs({ exchanges, fromUs, toUs }: Scene, sleeps: readonly Span[]): number | undefined {
  const times = exchanges.slice(1).map(({ times: { wanted } }, index) => {
    const { endUs } = exchanges[index]!;
    return unionUs(sleeps, { fromUs: endUs, toUs: wanted });
  });
  const slept = times.filter((us) => us > 0);
  if (slept.length < LEAST || slept.length < NEARLY_ALL * times.length) return undefined;
  const sleepUs = mean(slept);
  const isShort = sleepUs * slept.length < LEAST_SHARE * (toUs - fromUs);
  return isShort || variation(slept) > MOST_UNEVEN ? undefined : sleepUs;
}

/** Another thread, which hands the requests over, was seen to sleep before nearly each of them. */
function handedOverFact({ exchanges, blocks }: Scene): string | undefined {
  const sleeps = blocks.filter(({ wait }) => wait.kind === 'sleep');
  const before = exchanges.slice(1).flatMap(({ exchange, times: { wanted } }) => {
    const last = sleeps.findLast(({ pid, toUs }) => pid === exchange.pid && toUs <= wanted);
    const isOfAnother = last !== undefined && threadOf(last) !== threadOf(exchange);
    return isOfAnother && wanted - last.toUs <= AT_ONCE_US ? [last.toUs - last.fromUs] : [];
  });
  if (before.length < LEAST || before.length < NEARLY_ALL * (exchanges.length - 1)) return undefined;
  // A thread that sleeps all the time, a little each, hands nothing over.
  const everyUs = gapsBetween(exchanges.map(({ times }) => times.wanted));
  if (median(before) < LEAST_OF_PACE * median(everyUs)) return undefined;
  return `The program sleeps for ${duration(median(before))} before it hands the next request over, whether or not the answer before has come: somebody set this pace. That is no fault.`;
}

/** The task that starts those of the requests was seen to sleep while they ran: it does not wait for them. */
function startedFact({ exchanges, units, blocksOfUnit, framesOf }: Scene): string | undefined {
  const parents = new Set(exchanges.flatMap(({ exchange }) => units.get(exchange.unit ?? -1)?.parent ?? []));
  const sleeps = [...parents].flatMap((parent) =>
    (blocksOfUnit.get(parent) ?? []).filter((block) => waitOf(block, framesOf(block.stack)).kind === 'sleep'),
  );
  if (sleeps.length === 0 || exchanges.length <= LEAST) return undefined;
  const during = { fromUs: exchanges[0]!.times.wanted, toUs: exchanges.at(-1)!.times.wanted };
  if (unionUs(sleeps, during) < NEARLY_ALL * (during.toUs - during.fromUs)) return undefined;
  const own = ownFrame(framesOf(sleeps[0]!.stack));
  const at = own === undefined ? '' : ` (${placeOf(own)})`;
  return `The program starts a request, sleeps${at}, and starts the next, whether or not the answer before has come: somebody set this pace. That is no fault.`;
}

/** Requests at even distances, though their answers take uneven times: nothing but a clock makes these. */
function clockFact({ exchanges }: Scene): string | undefined {
  const everyUs = exchanges.slice(1).map(({ times }, index) => times.wanted - exchanges[index]!.times.wanted);
  if (everyUs.length < LEAST) return undefined;
  const clockUs = median(everyUs);
  const isOfClock = (us: number): boolean => Math.abs(us - clockUs) <= MOST_OFF * clockUs;
  const ticksUs = everyUs.filter(isOfClock);
  if (ticksUs.length < Math.max(LEAST, NEARLY_ALL * everyUs.length)) return undefined;
  const answersUs = exchanges
    .filter((_, index) => index < everyUs.length && isOfClock(everyUs[index]!))
    .map(({ times, endUs }) => endUs - times.wanted);
  // A loop adds its own work to the time of each answer: its distances are never the more even ones.
  const unevenUs = deviation(answersUs);
  if (unevenUs < LEAST_UNEVEN * mean(answersUs) || deviation(ticksUs) > MORE_EVEN * unevenUs)
    return undefined;
  const [least, most] = [Math.min(...answersUs), Math.max(...answersUs)];
  return `The program sends a request every ${duration(clockUs)}, by the clock, though its answers take from ${duration(least)} to ${duration(most)}: somebody set this pace. That is no fault.`;
}

/** The standard deviation. */
function deviation(numbers: readonly number[]): number {
  return variation(numbers) * mean(numbers);
}

function stillFact(scene: Scene): string | undefined {
  const { exchanges, blocks, fromUs, toUs } = scene;
  const busy = blocks.filter(isComputing);
  const processes = processesOf(scene);
  const pauses = exchanges.slice(1).map(({ exchange, times }, index) => {
    const before = exchanges[index]!;
    // One process ends and another one starts: that is work, and only what lies between is a pause.
    if (before.exchange.pid !== exchange.pid)
      return betweenUs(processes.get(before.exchange.pid ?? -1), processes.get(exchange.pid ?? -1));
    const endUs = before.endUs;
    const busyUs = busy.reduce(
      (sum, block) => sum + overlapUs(block.fromUs, block.toUs, endUs, times.wanted),
      0,
    );
    return Math.max(0, times.wanted - endUs - busyUs);
  });
  if (pauses.length < LEAST) return undefined;
  const middleUs = median(pauses);
  // What follows a login, or a moment in which the machine stood still, is no pause of the clock's.
  const usual = pauses.filter((us) => Math.abs(us - middleUs) <= MOST_UNEVEN * middleUs);
  if (usual.length < Math.max(LEAST, NEARLY_ALL * pauses.length)) return undefined;
  const pauseUs = mean(usual);
  if (pauseUs * usual.length < LEAST_SHARE * (toUs - fromUs) || variation(usual) > MOST_UNEVEN)
    return undefined;
  return `The program waits for ${duration(pauseUs)} between each two requests: it polls until something is done, or spares the server. That is no fault.`;
}

function betweenUs(before: Process | undefined, after: Process | undefined): number {
  const { endedUs } = before ?? {};
  const { startedUs } = after ?? {};
  return typeof endedUs === 'number' && startedUs !== undefined ? Math.max(0, startedUs - endedUs) : 0;
}
