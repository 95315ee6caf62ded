import { replyJson } from '../answers.ts';
import type { Exchange } from '../exchange.ts';
import { echo, headersOf } from './echo.ts';

/** /get: the request as the server got it. */
export function get(exchange: Exchange): void {
  replyJson(exchange, echo(exchange));
}

/** /headers: its fields only. */
export function headers(exchange: Exchange): void {
  replyJson(exchange, { headers: headersOf(exchange) });
}
