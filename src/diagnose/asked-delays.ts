import type { Exchange } from '../trace/index.ts';

/** How far a wait may be from the number in its URL: a server that is busy, or slow to begin, answers a little later. */
const LEAST_SHARE = 0.9;
const MOST_SHARE = 1.3;
/** So many of the exchanges must have such a number. */
const MOSTLY = 0.9;

/** Units that a delay is written in: /delay/0.3, ?ms=300. */
const UNITS_US = [1_000_000, 1_000];

const NUMBER = /\d+(?:\.\d+)?/g;

/**
 * Whether the program asked its server to take the time that it took, as `/delay/3` and `?ms=300` do: answers that come
 * at even distances then say nothing of a queue.
 */
export function isDelayAsked(exchanges: readonly Exchange[]): boolean {
  const answered = exchanges.filter(
    ({ sentUs, answeredUs }) => typeof sentUs === 'number' && typeof answeredUs === 'number',
  );
  const asked = answered.filter(({ url, sentUs, answeredUs }) => saysDelay(url ?? '', answeredUs! - sentUs!));
  return answered.length > 0 && asked.length >= MOSTLY * answered.length;
}

function saysDelay(url: string, waitUs: number): boolean {
  const path = url.replace(/^[a-z]+:\/\/[^/]*/i, ''); // a port is no delay
  return (path.match(NUMBER) ?? []).some((number) =>
    UNITS_US.some((unitUs) => {
      const delayUs = Number(number) * unitUs;
      return waitUs >= LEAST_SHARE * delayUs && waitUs <= MOST_SHARE * delayUs;
    }),
  );
}
