import { replyError } from '../answers.ts';
import type { Exchange, Route } from '../exchange.ts';
import { bytes } from './bytes.ts';
import { get, headers } from './inspect.ts';
import { status } from './status.ts';
import { delay } from './wait.ts';

/** The routes by the first segment of their path. */
const ROUTES = new Map<string, Route>(Object.entries({ get, headers, status, delay, bytes }));

/** Answers an exchange by its path; what no route knows is 404. */
export function answer(exchange: Exchange, own: ReadonlyMap<string, Route>): void {
  const segments = exchange.path.split('/').slice(1);
  const route = ROUTES.get(segments[0]!) ?? own.get(segments[0]!);
  if (route) route(exchange, segments);
  else replyError(exchange, 404, `no route ${exchange.path}`);
}
