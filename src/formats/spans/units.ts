import type { TraceRecord, Unit } from '../../trace/index.ts';
import { OF_RUN, textOf } from './semantic-conventions.ts';
import type { Service, Span } from './span.ts';

/** Units of work of the spans that make requests, and of those that they are a part of. */
export class Units {
  readonly #spans: ReadonlyMap<string, Span>;
  readonly #startedUs: number;
  readonly #pidOf: (service: Service) => number;
  readonly #ids = new Map<string, number>();
  #new: Unit[] = [];

  constructor(spans: ReadonlyMap<string, Span>, startedUs: number, pidOf: (service: Service) => number) {
    this.#spans = spans;
    this.#startedUs = startedUs;
    this.#pidOf = pidOf;
  }

  /** The id of a span's unit, whose record is new if it is asked for the first time. */
  idOf(span: Span): number {
    const known = this.#ids.get(span.id);
    if (known !== undefined) return known;
    const id = this.#ids.size + 1;
    this.#ids.set(span.id, id);
    const maker = this.#spans.get(span.parent ?? '');
    const isOwn =
      maker?.service.id === span.service.id && span.kind !== 'server' && !maker.attributes.has(OF_RUN);
    this.#new.push({
      kind: 'unit',
      id,
      pid: this.#pidOf(span.service),
      ...(isOwn && { parent: this.idOf(maker) }),
      type: span.kind === 'server' ? 'served-request' : span.kind === 'consumer' ? 'queue-item' : 'task',
      madeUs: span.startUs - this.#startedUs,
      begunUs: span.startUs - this.#startedUs,
      endedUs: span.endUs === null ? null : span.endUs - this.#startedUs,
      ...(span.kind === 'server' && servedBy(span)),
    });
    return id;
  }

  /** Records that are new since the last call. */
  taken(): TraceRecord[] {
    const records = this.#new;
    this.#new = [];
    return records;
  }
}

function servedBy({ attributes, name }: Span): Pick<Unit, 'method' | 'route'> {
  const method = textOf(attributes, 'method');
  const path = textOf(attributes, 'path')?.replace(/\?.*$/s, '');
  const route = textOf(attributes, 'route') ?? path ?? name.replace(/^[A-Z]+ /, '');
  return { ...(method !== undefined && { method }), route };
}
