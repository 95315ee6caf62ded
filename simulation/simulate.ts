import type { Options, Result } from '../src/fetch/index.ts';
import { startRunIn } from '../src/fetch/start.ts';
import { SimulatedClock } from './clock.ts';
import { simulatedNetwork } from './network.ts';
import { Random } from './random.ts';

/** What a simulated run came to. */
export interface Simulated {
  readonly seed: number;
  readonly inputs: number;
  readonly simulatedMs: number;
  /** What may not happen and did; null when nothing. */
  readonly failure: string | null;
  readonly options: Options;
}

/** Things done without time passing: more is a loop. */
const MOST_AT_ONCE = 200_000;
/** A back-off, the probe of an origin in doubt, and how often time limits are looked at. */
const SLACK_MS = 13_000;

/**
 * Runs the engine against hostile servers, everything by chance that the seed decides, and holds the run against what
 * it promises: each input ends exactly once, never more in flight than asked for, something happens within the longest
 * limit, and no slot is in use at the end.
 */
export async function simulate(seed: number): Promise<Simulated> {
  const random = new Random(seed);
  const clock = new SimulatedClock();
  const origins = Array.from({ length: random.whole(1, 4) }, (_, i) => `https://o${i}.test`);
  const inputs = random.whole(1, random.pick([5, 40, 200]));
  const options = optionsOf(random);
  const results = new Array<number>(inputs).fill(0);
  let touchedMs = 0;
  const touched = () => {
    touchedMs = clock.now();
  };
  let failure: string | null = null;
  const fail = (text: string) => {
    failure ??= text;
  };
  const sinkIsSlow = random.percent(20);
  const sink = {
    result(result: Result): void | Promise<void> {
      touched();
      results[result.index]!++;
      if (results[result.index]! > 1) fail(`input ${result.index} has ${results[result.index]} results`);
      if (result.status === null && result.error === null)
        fail(`result ${result.index} is neither answer nor error`);
      if (!sinkIsSlow || !random.percent(20)) return;
      return new Promise((resolve) => clock.after(random.whole(1, 3000), resolve));
    },
  };
  const urls = Array.from({ length: inputs }, (_, i) => `${random.pick(origins)}/${i}`);
  const network = simulatedNetwork(clock, random, origins, touched);
  const run = startRunIn({ clock, random: () => random.next(), network }, urls, sink, options);
  let hasEnded = false;
  const ended = run.finished.then(
    () => {
      hasEnded = true;
    },
    (error) => fail(`the run was rejected: ${error}`),
  );
  const patienceMs = SLACK_MS + longestMs(options);
  let atOnce = 0;
  let lastMs = 0;
  while (failure === null && clock.step()) {
    // What a promise of the engine or the sink has to go on with.
    await undefined;
    const { busy, inFlight } = run.progress();
    const now = clock.now();
    atOnce = now === lastMs ? atOnce + 1 : 0;
    lastMs = now;
    if (busy > options.concurrency! || inFlight > busy) fail(`${busy} slots in use, ${inFlight} in flight`);
    if (atOnce > MOST_AT_ONCE) fail(`goes on without end at ${now} ms`);
    if (now - touchedMs > patienceMs && !hasEnded) fail(`nothing happened for ${now - touchedMs} ms`);
  }
  if (failure === null) {
    await new Promise(setImmediate);
    const { busy, inFlight, pending } = run.progress();
    const missing = results.filter((count) => count === 0).length;
    if (missing > 0) fail(`${missing} of ${inputs} inputs have no result`);
    else if (!hasEnded) fail('the run did not end');
    else if (busy + inFlight + pending > 0)
      fail(`at the end ${busy} slots are in use, ${inFlight} in flight`);
    await ended;
  }
  return { seed, inputs, simulatedMs: clock.now(), failure, options };
}

function optionsOf(random: Random): Options {
  return {
    concurrency: random.pick([1, 2, 7, 50]),
    protocol: random.pick(['auto', 'h2', 'h2', 'http/1.1'] as const),
    connectTimeout: random.pick(['1s', '10s'] as const),
    firstByteTimeout: random.pick(['2s', '30s'] as const),
    idleTimeout: random.pick(['2s', '30s'] as const),
    timeout: random.pick(['5s', '60s'] as const),
    retries: random.pick([0, 1, 3]),
    maxRetryAfter: random.pick(['5s', '60s'] as const),
    maxRedirects: random.pick([0, 1, 10]),
    adapt: random.percent(80),
    ...(random.percent(20) && { perOrigin: random.whole(1, 5) }),
    ...(random.percent(10) && { rate: '20/s' as const }),
    ...(random.percent(10) && { perOriginRate: '5/s' as const }),
  };
}

/** The longest that a run may wait for one thing. */
function longestMs({ connectTimeout, timeout, maxRetryAfter }: Options): number {
  const ms = (text: string | undefined) => Number.parseFloat(text ?? '60s') * 1000;
  return ms(connectTimeout) + ms(timeout) + ms(maxRetryAfter);
}
