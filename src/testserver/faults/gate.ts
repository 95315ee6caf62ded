import { replyError, replyJson } from '../answers.ts';
import type { Route, ServerExchange } from '../exchange.ts';
import { echo } from '../routes/echo.ts';
import { queryOf, wholeNumber } from '../routes/parameters.ts';
import type { Fault } from './fault.ts';

/**
 * Decides whether a fault happens to a request: always, to the first ?times=N requests of a ?key, or to
 * ?percent=P of all; the others get a good answer. One gate belongs to one server, and so do its counts.
 */
export function gate(): (fault: Fault) => Route {
  const seen = new Map<string, number>();

  function happens(exchange: ServerExchange, query: URLSearchParams): boolean {
    const percent = query.get('percent');
    if (percent !== null) return Math.random() * 100 < wholeNumber('percent', percent, 0, 100);
    const times = query.get('times');
    if (times === null) return true;
    const limit = wholeNumber('times', times, 0, 1e9);
    const key = `${exchange.path} ${query.get('key') ?? ''}`;
    const count = (seen.get(key) ?? 0) + 1;
    seen.set(key, count);
    return count <= limit;
  }

  return (fault) => (exchange) => {
    const query = queryOf(exchange);
    if (fault.only && fault.only !== exchange.protocol) {
      replyError(exchange, 501, `/fault/${fault.name} needs ${fault.only}; this is ${exchange.protocol}`);
      return;
    }
    if (happens(exchange, query)) return fault.happen(exchange, query);
    replyJson(exchange, echo(exchange));
  };
}
