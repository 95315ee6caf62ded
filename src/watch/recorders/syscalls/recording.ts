import type { TraceRecord } from '../../../trace/index.ts';
import type { Listener } from '../recorder.ts';
import type { Lookups } from './lookups.ts';
import type { Openings } from './openings.ts';

/** What connections of one recording share. */
export interface Recording {
  emit(record: TraceRecord): void;
  nextConnection(): number;
  nextExchange(): number;
  /** Notes that requests were inferred from the TLS records that carried them; once is enough. */
  noteEstimates(atUs: number): void;
  readonly lookups: Lookups;
  readonly openings: Openings;
  /** Origins that were learned, by remote address: for connections that never said theirs. */
  readonly origins: Map<string, string>;
  readonly keepUrls: boolean;
  readonly listener?: Listener | undefined;
}
