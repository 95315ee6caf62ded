import { type Exchange, redactUrl, type TraceRecord } from '../../trace/index.ts';
import { type Call, callsOf } from './calls.ts';
import { errorOf, hasAllSteps, numberOf, stepsOf, textOf, urlOf } from './semantic-conventions.ts';
import type { Service, Span } from './span.ts';
import { Units } from './units.ts';

const AT_ONCE = 1_000;

/** The records of spans, in batches; their times are relative to `startedUs`. */
export function* recordsOfSpans(
  spans: ReadonlyMap<string, Span>,
  startedUs: number,
): Generator<readonly TraceRecord[]> {
  const processes = new Processes();
  const units = new Units(spans, startedUs, (service) => processes.pidOf(service));
  const stacks = new Stacks();
  let batch: TraceRecord[] = [];
  let lastUs = 0;
  let unnamed = 0;
  let id = 0;
  for (const call of callsOf(spans)) {
    const url = urlOf(call.span.attributes);
    if (url === null) {
      unnamed++;
      continue;
    }
    const exchange: Exchange = {
      kind: 'exchange',
      id: ++id,
      ...requestOf(call),
      pid: processes.pidOf(call.span.service),
      ...(call.unit !== undefined && { unit: units.idOf(call.unit) }),
      ...whatOf(call.span, url),
      ...timesOf(call, startedUs),
      ...stacks.of(call),
    };
    batch.push(...processes.taken(), ...units.taken(), ...stacks.taken(), exchange);
    lastUs = Math.max(lastUs, exchange.readUs ?? exchange.failedUs ?? 0);
    if (batch.length < AT_ONCE) continue;
    yield batch;
    batch = [];
  }
  if (unnamed > 0)
    batch.push({ kind: 'note', atUs: 0, text: `${unnamed} HTTP spans name no server, and were left out` });
  yield [...batch, { kind: 'end', endedUs: lastUs, lost: {} }];
}

function requestOf({ request, attempt, isRedirect }: Call): Partial<Exchange> {
  return { request, attempt, because: attempt === 1 ? 'first' : isRedirect ? 'redirect' : 'retry' };
}

function whatOf({ attributes }: Span, url: URL): Pick<Exchange, 'origin'> & Partial<Exchange> {
  const method = textOf(attributes, 'method');
  const bytesUp = numberOf(attributes, 'bytesUp');
  const bytesDown = numberOf(attributes, 'bytesDown');
  return {
    ...(method !== undefined && { method }),
    origin: url.origin,
    url: redactUrl(url.href),
    ...(bytesUp !== undefined && { bytesUp }),
    ...(bytesDown !== undefined && { bytesDown }),
  };
}

/** A span begins when the library is called; when its request is sent, only events tell. */
function timesOf({ span, calledUs, wantedUs }: Call, startedUs: number): Partial<Exchange> {
  const called = calledUs - startedUs;
  const endUs = span.endUs === null ? null : span.endUs - startedUs;
  const error = errorOf(span);
  const seen = stepsOf(span, startedUs);
  const assumed = hasAllSteps(span) ? {} : { dispatchedUs: called, sentUs: seen.connectedUs ?? called };
  const endedUs = endUs ?? Infinity;
  const steps = inOrder(
    {
      ...(wantedUs !== undefined && { wantedUs: wantedUs - startedUs }),
      ...(hasAllSteps(span) ? error !== null && NO_STEPS : { calledUs: called, ...assumed }),
      ...seen,
    },
    endedUs,
  );
  return {
    ...steps,
    ...(error === null
      ? { readUs: endUs, status: numberOf(span.attributes, 'status') ?? null, error: null }
      : { answeredUs: null, readUs: null, failedUs: endUs ?? called, status: null, error }),
    estimated: Object.keys(assumed).filter((step) => !(step in seen)),
  };
}

const STEPS = ['wantedUs', 'calledUs', 'dispatchedUs', 'connectedUs', 'sentUs', 'answeredUs'] as const;

/** Clocks of events and of spans may differ: a step is never before the one that must precede it, nor after the end. */
function inOrder(steps: Partial<Exchange>, endedUs: number): Partial<Exchange> {
  let lastUs = -Infinity;
  return Object.fromEntries(
    STEPS.filter((step) => step in steps).map((step) => {
      const us = steps[step];
      if (us == null) return [step, us];
      lastUs = Math.min(endedUs, Math.max(lastUs, us));
      return [step, lastUs];
    }),
  );
}

/** A failed request did not reach those that have no event. */
const NO_STEPS = { dispatchedUs: null, connectedUs: null, sentUs: null };

/** Numbers of the processes: their own, or what no other has. */
class Processes {
  readonly #pids = new Map<string, number>();
  #new: TraceRecord[] = [];

  pidOf(service: Service): number {
    const known = this.#pids.get(service.id);
    if (known !== undefined) return known;
    const taken = new Set(this.#pids.values());
    let pid = numberOf(service.attributes, 'pid') ?? 1;
    while (taken.has(pid)) pid++;
    this.#pids.set(service.id, pid);
    this.#new.push({ kind: 'process', pid, argv: [service.name] });
    return pid;
  }

  /** Records that are new since the last call. */
  taken(): TraceRecord[] {
    const records = this.#new;
    this.#new = [];
    return records;
  }
}

/** Lines of code, where spans name them: `code.file.path` of a request, or of what made it. */
class Stacks {
  readonly #ids = new Map<string, number>();
  #new: TraceRecord[] = [];

  of({ span, unit }: Call): Partial<Exchange> {
    const { attributes } = [span, unit].find((one) => one && textOf(one.attributes, 'file')) ?? span;
    const file = textOf(attributes, 'file');
    if (file === undefined) return {};
    const name = textOf(attributes, 'function');
    const frame = {
      ...(name !== undefined && { function: name }),
      file,
      line: numberOf(attributes, 'line') || 1,
    };
    const key = JSON.stringify(frame);
    let id = this.#ids.get(key);
    if (id === undefined) {
      id = this.#ids.size + 1;
      this.#ids.set(key, id);
      this.#new.push({ kind: 'stack', id, frames: [frame] });
    }
    return { stack: id };
  }

  taken(): TraceRecord[] {
    const records = this.#new;
    this.#new = [];
    return records;
  }
}
