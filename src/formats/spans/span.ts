import { z } from 'zod';

/** A span of a tracing system, whatever format it comes in. */
export interface Span {
  /** Unique in the file. */
  readonly id: string;
  /** The id of the span that it is a part of; it may be in no file. */
  readonly parent?: string;
  readonly name: string;
  readonly kind: 'internal' | 'server' | 'client' | 'producer' | 'consumer';
  /** Unix epoch, microseconds. */
  readonly startUs: number;
  /** null: it had not ended. */
  readonly endUs: number | null;
  readonly attributes: Attributes;
  readonly events: readonly SpanEvent[];
  /** Whether its status is an error. */
  readonly failed: boolean;
  readonly service: Service;
}

/** What spans say of themselves: scalars alone, lists and maps are left out. */
export type Attributes = ReadonlyMap<string, string | number | boolean>;

export interface SpanEvent {
  readonly name: string;
  readonly atUs: number;
  readonly attributes: Attributes;
}

/** The program that made spans. */
export interface Service {
  /** The same for all of its spans. */
  readonly id: string;
  readonly name: string;
  readonly attributes: Attributes;
}

/** What is wrong with a value that should be a span, in one line. */
export function invalidSpan(error: z.ZodError): string {
  return `a span is not valid: ${z.prettifyError(error).replace(/\s*\n\s*/g, ' ')}`;
}
