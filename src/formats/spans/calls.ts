import { isHttpCall, numberOf, OF_RUN } from './semantic-conventions.ts';
import type { Span } from './span.ts';

/** A request on the wire, as spans show it. */
export interface Call {
  readonly span: Span;
  /** What the program called: the span itself, or that of a library around it. Unix epoch, microseconds. */
  readonly calledUs: number;
  /** Absent where spans do not show it. */
  readonly wantedUs?: number;
  /** Shared by an exchange, its retries and its redirects. */
  readonly request: number;
  /** From 1. */
  readonly attempt: number;
  readonly isRedirect: boolean;
  /** The span that it was made in. */
  readonly unit?: Span;
}

/** A request, as it was called: retries and redirects have spans of their own within it, or beside it. */
interface Request {
  readonly outer: Span;
  readonly spans: Span[];
}

/** The requests of spans, those of one unit of work together, in the order they began. */
export function* callsOf(spans: ReadonlyMap<string, Span>): Generator<Call> {
  let request = 0;
  const others = Map.groupBy(
    [...spans.values()].filter((span) => !isHttpCall(span)),
    ({ parent = '' }) => parent,
  );
  for (const [id, requests] of requestsOf(spans)) {
    const unit = spans.get(id);
    const wantedUs = wantedIn(requests, unit, others.get(id) ?? []);
    for (const [at, { outer, spans: own }] of requests.entries()) {
      request++;
      for (const [again, span] of own.entries()) {
        const wanted = again > 0 ? span.startUs : wantedUs(at);
        yield {
          span,
          calledUs: again > 0 ? span.startUs : outer.startUs,
          ...(wanted !== undefined && { wantedUs: wanted }),
          request,
          attempt: again + 1,
          isRedirect: again > 0 && isRedirect(own[again - 1]!),
          ...(unit !== undefined && { unit }),
        };
      }
    }
  }
}

/** Requests by the id of the span that they were made in; '' for those that were made in none. */
function requestsOf(spans: ReadonlyMap<string, Span>): ReadonlyMap<string, Request[]> {
  const isAround = new Set<string>();
  const calls = [...spans.values()].filter(isHttpCall);
  for (const call of calls) {
    const around = aroundIt(call, spans);
    if (around !== undefined) isAround.add(around.id);
  }
  const byOuter = new Map<Span, Span[]>();
  for (const call of calls.sort(byStart)) {
    if (isAround.has(call.id)) continue;
    const outer = outermost(call, spans);
    const own = byOuter.get(outer);
    if (own === undefined) byOuter.set(outer, [call]);
    else own.push(call);
  }
  const byUnit = Map.groupBy([...byOuter], ([{ parent = '' }]) => (isUnit(spans.get(parent)) ? parent : ''));
  return new Map([...byUnit].map(([id, own]) => [id, resendsJoined(own.sort(([a], [b]) => byStart(a, b)))]));
}

/** The run as a whole, of an export of abreast, is none. */
function isUnit(span: Span | undefined): boolean {
  return span !== undefined && !span.attributes.has(OF_RUN);
}

function byStart(a: Span, b: Span): number {
  return a.startUs - b.startUs;
}

/** The client span of a library that made this one, as `requests` does by urllib3. */
function aroundIt({ parent = '', service }: Span, spans: ReadonlyMap<string, Span>): Span | undefined {
  const around = spans.get(parent);
  return around !== undefined && around.service.id === service.id && isHttpCall(around) ? around : undefined;
}

function outermost(span: Span, spans: ReadonlyMap<string, Span>): Span {
  const seen = new Set<Span>();
  let outer = span;
  for (
    let next: Span | undefined = span;
    next !== undefined && !seen.has(next);
    next = aroundIt(next, spans)
  ) {
    seen.add(next);
    outer = next;
  }
  return outer;
}

/** A span that says that it sends a request again belongs to the one before it. */
function resendsJoined(requests: readonly (readonly [Span, Span[]])[]): Request[] {
  const joined: Request[] = [];
  for (const [outer, spans] of requests) {
    const before = joined.at(-1);
    if (before !== undefined && (numberOf(outer.attributes, 'resends') ?? 0) > 0) before.spans.push(...spans);
    else joined.push({ outer, spans });
  }
  return joined;
}

function isRedirect({ attributes }: Span): boolean {
  const status = numberOf(attributes, 'status') ?? 0;
  return status >= 300 && status < 400;
}

/**
 * When the requests of a unit of work were wanted, by their place. The first one: when the unit began, or the last thing
 * ended that it did before. Each later one: when it was called, because the unit was busy with the one before until then.
 * A unit that calls several at once hands them over to something that has no span: if some begin only after another
 * ended, no span tells since when they were wanted.
 */
function wantedIn(
  requests: readonly Request[],
  unit: Span | undefined,
  others: readonly Span[],
): (place: number) => number | undefined {
  if (unit === undefined) return () => undefined;
  const starts = requests.map(({ outer }) => outer.startUs);
  const ends = requests.map(({ spans }) => Math.max(...spans.map(({ endUs }) => endUs ?? Infinity)));
  const overlap = starts.some((start, at) => ends.slice(0, at).some((end) => start < end));
  if (overlap && starts.at(-1)! > Math.min(...ends)) return () => undefined;
  return (place) => (place > 0 || overlap ? starts[place]! : freeSince(unit, starts[0]!, others));
}

function freeSince({ startUs }: Span, calledUs: number, others: readonly Span[]): number {
  const ends = others.flatMap(({ endUs }) => (endUs !== null && endUs <= calledUs ? [endUs] : []));
  return Math.min(calledUs, Math.max(startUs, ...ends));
}
