import type { Exchange } from '../trace/index.ts';
import { timesOf, waitsOf } from './steps.ts';

const STEPS = ['dispatched', 'connected', 'sent', 'answered', 'read'] as const;

/**
 * Exchanges as text, a line each, in the order they were wanted: when, and how long each waited for its steps, in
 * milliseconds. For the eye, and for tests: a change in a trace or in its reading shows as a diff of lines.
 */
export function dump(exchanges: readonly Exchange[], endedUs: number): string[] {
  const timed = exchanges.flatMap((exchange) => {
    const times = timesOf(exchange);
    return times === undefined ? [] : [{ exchange, times, waits: waitsOf(times, endedUs) }];
  });
  timed.sort((a, b) => a.times.wanted - b.times.wanted || a.exchange.id - b.exchange.id);
  return timed.map(({ exchange, times, waits }) => {
    const steps = STEPS.map(
      (step) => `${step} ${passed(exchange, step, times[step === 'read' ? 'end' : step], waits[step])}`,
    );
    return `${ms(times.wanted).padStart(8)}  ${steps.join('  ')}  ${exchange.error ?? exchange.status ?? ''} ${exchange.url ?? exchange.origin}`;
  });
}

/** '12.3', '12.3?' where nobody saw the step itself, '(12.3)' where the wait was in vain. */
function passed(exchange: Exchange, step: (typeof STEPS)[number], time: number, waitUs: number): string {
  if (exchange[`${step}Us`] === undefined && step !== 'read') return `${ms(waitUs)}?`.padStart(7);
  const inVain = time === Infinity || (step === 'read' && typeof exchange.readUs !== 'number');
  return (inVain ? `(${ms(waitUs)})` : ms(waitUs)).padStart(7);
}

function ms(us: number): string {
  return (us / 1_000).toFixed(1);
}
