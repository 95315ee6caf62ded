import { awaitInLoop, fixInLoop } from '../causes/await-in-loop.ts';
import { oneWorker } from '../causes/one-worker.ts';
import type { Evidence } from '../evidence.ts';
import { causeOf, type Explanation } from '../explain.ts';
import type { Judgement } from '../judgement.ts';
import { ownFrame, placeOf, placesOf } from '../languages/frames.ts';
import { duration } from '../numbers.ts';
import { type Scene, sceneOf } from '../scene/scene.ts';
import { spansOf, timeAtLevel } from '../spans.ts';
import { threadOf } from '../threads.ts';
import { LEAST_FACTOR, LEAST_LOST_US, NEARLY_ALL } from '../thresholds.ts';
import { type ServedRequest, servedRequests } from './served-requests.ts';
import {
  lostUs,
  type RouteJson,
  routesJson,
  timedText,
  type Within,
  withinRequests,
  withinText,
} from './within.ts';

/** What is said of a program, where that is different for a server. */
export interface ServedExplanation extends Explanation {
  readonly judgement: Judgement;
  /** The sentence of its overlap; undefined where it is the plain one. */
  readonly said: string | undefined;
  /** What it makes for the requests that it serves, by route; none where it is no server. */
  readonly served: readonly RouteJson[];
}

/** One that takes long as the program begins, and so meets the next, is no second user. */
const ALONE = 0.1;
/** Two calls in turn are mostly a key and what it opens. */
const INDEPENDENT_CALLS = 3;

/**
 * A server is judged by each request that it serves: calls that are made one after another for one of them are lost time,
 * though those of several requests overlap; and requests that come one at a time have nothing to overlap with.
 */
export function explainServed(judgement: Judgement, evidence: Evidence, why: Explanation): ServedExplanation {
  const requests = servedRequests(evidence);
  const routes = withinRequests(requests);
  const [worst] = routes;
  const served = routesJson(routes);
  const facts = clientFacts(evidence);
  const plain = { ...why, facts: [...why.facts, ...facts], judgement, said: undefined, served };
  if (worst === undefined) return plain;
  const scene = sceneOf(judgement, evidence, { origin: null, at: null });
  const isHeldUp = judgement.step !== 'wanted' && judgement.step !== 'none' && why.causes.length > 0;
  if (isBlamed(worst)) {
    if (isHeldUp) return { ...plain, facts: [...plain.facts, `${sentence(timedText(worst))}.`] };
    return { ...inTurn(judgement, worst, scene), facts, served };
  }
  if (isHeldUp || judgement.overlap === 'concurrent' || sharedTime(requests) > ALONE) return plain;
  return {
    ...oneAtATime(judgement, worst, requests, scene),
    facts: [...facts, ...dependenceFact(worst)],
    served,
  };
}

function isBlamed(within: Within): boolean {
  const { isSerial, isDependent, calls, wallUs, possibleUs } = within;
  if (!isSerial || isDependent === true || (isDependent === null && calls < INDEPENDENT_CALLS)) return false;
  return lostUs(within) >= LEAST_LOST_US && wallUs >= LEAST_FACTOR * possibleUs;
}

type Said = Pick<ServedExplanation, 'judgement' | 'said' | 'causes' | 'isClientsLimit'>;

function inTurn(judgement: Judgement, within: Within, scene: Scene): Said {
  const { wallUs, possibleUs, calls, isDependent, each } = within;
  const own = each.find(({ length }) => length === calls) ?? each[0]!;
  const places = placesOf(...own.map(({ exchange }) => ownFrame(scene.framesOf(exchange.stack))));
  const [first] = places;
  const isSure = isDependent === false;
  const cause = causeOf(scene, awaitInLoop, {
    confidence: isSure ? 'certain' : 'likely',
    share: 1 - possibleUs / wallUs,
    text: `${sentence(withinText(within))}${first === undefined ? '' : `, at ${placeOf(first)}`}: each waits for the answer to the one before.`,
    fix: fixInLoop(scene),
    because: isSure ? [] : ['That is right only where a URL comes out of the answer before it.'],
    places,
    evidence: [
      {
        kind: 'in-turn',
        exchanges: own.length,
        at: first === undefined ? null : `${first.file}:${first.line}`,
      },
    ],
  });
  const ifNone = isSure ? '' : ' if no URL comes out of an earlier answer';
  return {
    judgement: {
      ...judgement,
      overlap: 'serial',
      step: 'wanted',
      because: null,
      question: null,
      wallUs,
      possibleWallUs: possibleUs,
      factor: wallUs / possibleUs,
    },
    said: `serial: ${timedText(within)}${ifNone}`,
    causes: [cause],
    isClientsLimit: false,
  };
}

/** Requests that came one at a time. Where each was served as soon as the one before was answered, others may have waited. */
function oneAtATime(
  judgement: Judgement,
  within: Within,
  requests: readonly ServedRequest[],
  scene: Scene,
): Said {
  if (isOneWorker(requests, scene)) {
    const cause = causeOf(scene, oneWorker, {
      confidence: 'possible',
      share: scene.lostShare,
      text: `The program serves one request at a time: one worker takes the next as soon as the one before is answered. If others wait meanwhile, more workers or threads serve them at the same time.`,
      places: [],
      evidence: [],
      fix: 'Let the server take several at once: more workers or threads (gunicorn: --workers, --threads).',
    });
    return { judgement, said: undefined, causes: [cause], isClientsLimit: false };
  }
  const { wallUs, calls, isSerial } = within;
  if (calls > 1 && !isSerial)
    return {
      judgement: {
        ...judgement,
        overlap: 'concurrent',
        step: 'none',
        question: null,
        possibleWallUs: wallUs,
        wallUs,
        factor: 1,
      },
      said: `concurrent: ${withinText(within)}, side by side; ${duration(wallUs)} each`,
      causes: [],
      isClientsLimit: false,
    };
  return {
    judgement: {
      ...judgement,
      overlap: 'unknown',
      step: 'none',
      question: null,
      possibleWallUs: null,
      factor: null,
    },
    said: `unknown: ${withinText(within)}, which came one at a time: nothing to overlap`,
    causes: [],
    isClientsLimit: false,
  };
}

const AT_ONCE_US = 20_000;

/** One thread, on which nothing else runs, took each as soon as it was free. */
function isOneWorker(requests: readonly ServedRequest[], { units, environments }: Scene): boolean {
  const exchanges = requests.flatMap(({ calls }) => calls.map(({ exchange }) => exchange));
  if (environments.some(({ language }) => language === 'node')) return false;
  if (new Set(exchanges.map(threadOf)).size > 1) return false;
  if (exchanges.some(({ unit }) => unit !== undefined && units.get(unit)?.type === 'task')) return false;
  const gaps = requests.slice(1).map(({ fromUs }, at) => fromUs - requests[at]!.toUs);
  return gaps.length > 0 && gaps.filter((us) => us < AT_ONCE_US).length >= NEARLY_ALL * gaps.length;
}

/** The part of the time with any request that was not answered in which there were several. */
function sharedTime(requests: readonly ServedRequest[]): number {
  if (requests.some(({ toUs }) => toUs === Infinity)) return 1;
  const us = (level: number) => timeAtLevel(spansOf(requests), level)(Infinity);
  return us(2) / Math.max(1, us(1));
}

function clientFacts({ fromClients = 0 }: Evidence): readonly string[] {
  return fromClients === 0
    ? []
    : [
        `${fromClients} requests that another program of this run sent to this server are not judged: those that the server made are.`,
      ];
}

function dependenceFact(within: Within): readonly string[] {
  if (!within.isSerial || within.isDependent !== true) return [];
  return [`${sentence(withinText(within))}: their URLs come out of the answers before.`];
}

function sentence(text: string): string {
  return `${text[0]!.toUpperCase()}${text.slice(1)}`;
}
