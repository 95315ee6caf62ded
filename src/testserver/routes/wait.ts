import { replyError, replyJson } from '../answers.ts';
import type { Exchange } from '../exchange.ts';
import { MAX_WAIT_MS } from '../limits.ts';
import { echoWithBody } from './echo.ts';
import { durationMs } from './parameters.ts';

/** /delay/0.1, /delay/100ms: the echo, after a while. */
export function delay(exchange: Exchange, [, wanted = '']: readonly string[]): void {
  const waitMs = durationMs(wanted);
  if (waitMs === undefined || waitMs > MAX_WAIT_MS || waitMs < 0) {
    replyError(
      exchange,
      400,
      `invalid duration: ${JSON.stringify(wanted)}: seconds up to ${MAX_WAIT_MS / 1000}, or 100ms`,
    );
    return;
  }
  const timing = `initial_delay;dur=${waitMs.toFixed(2)};desc="initial delay"`;
  setTimeout(answer, waitMs);
  async function answer() {
    replyJson(exchange, await echoWithBody(exchange), 200, 'Server-Timing', timing);
  }
}
