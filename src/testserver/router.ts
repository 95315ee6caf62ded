import { replyError, replyText } from './answers.ts';
import { BadRequest, type Route, type RouteEntry, type ServerExchange } from './exchange.ts';

interface Pattern {
  /** What each segment has to be; undefined takes anything and makes it a parameter. */
  readonly literals: readonly (string | undefined)[];
  /** Takes any further segments as well ('/anything/*'). */
  readonly open: boolean;
  readonly route: Route;
}

/**
 * Finds the route of a path and runs it. Answers 404 where there is none, 400 for a BadRequest, and 500 for
 * any other error of a route, so that none goes unseen.
 */
export function router(entries: readonly RouteEntry[]): (exchange: ServerExchange) => void {
  const byFirst = new Map<string, Pattern[]>();
  for (const { pattern, route } of entries) {
    const segments = pattern.split('/').slice(1);
    const open = segments.at(-1) === '*';
    if (open) segments.pop();
    const literals = segments.map((segment) => (segment.startsWith(':') ? undefined : segment));
    const first = segments[0]!;
    byFirst.set(first, [...(byFirst.get(first) ?? []), { literals, open, route }]);
  }
  return (exchange) => {
    const segments = exchange.path.split('/');
    segments.shift();
    const found = byFirst.get(segments[0]!)?.find((pattern) => matches(pattern, segments));
    if (found) run(exchange, found, segments);
    else replyText(exchange, 404, `404 page not found: / lists the routes`);
  };
}

function matches({ literals, open }: Pattern, segments: readonly string[]): boolean {
  if (open ? segments.length < literals.length : segments.length !== literals.length) return false;
  return literals.every((literal, i) => literal === undefined || literal === segments[i]);
}

function run(exchange: ServerExchange, { literals, route }: Pattern, segments: readonly string[]): void {
  try {
    const parameters: string[] = [];
    for (let i = 1; i < literals.length; i++) {
      if (literals[i] === undefined) parameters.push(decoded(segments[i]!));
    }
    route(exchange, ...parameters)?.catch((error: unknown) => fail(exchange, error));
  } catch (error) {
    fail(exchange, error);
  }
}

function decoded(segment: string): string {
  if (!segment.includes('%')) return segment;
  try {
    return decodeURIComponent(segment);
  } catch {
    throw new BadRequest(`invalid escape in the path: ${segment}`);
  }
}

function fail(exchange: ServerExchange, error: unknown): void {
  const reason = error instanceof Error ? error.message : String(error);
  replyError(exchange, error instanceof BadRequest ? 400 : 500, reason);
}
