import type { InputError, Row, Rows } from '../../rows/index.ts';
import { type Bits, csvSafe } from '../../store/index.ts';
import { isCredential, redactUrl } from '../../trace/index.ts';
import { UsageError } from '../usage.ts';

/** What the engine is given: rows that are not done, and which of all rows each of them is. */
export interface Source {
  readonly rows: AsyncIterable<Row>;
  /** The place in the whole input of what the engine calls `index`; to be asked once. */
  placeOf(index: number): number;
  /** Why it ended before the input did. */
  failure(): InputError | UsageError | null;
}

export interface SourceChecks {
  /** Indexes that have a result from before. */
  readonly done: Bits;
  /** The inputs of the first of them, as they were written. */
  readonly inputs: ReadonlyMap<number, string>;
  /** The headers that go with every request. */
  readonly headers: Readonly<Record<string, string>>;
  readonly allOrigins: boolean;
}

/** Rows as they are where nothing must be looked at, which saves a turn for each. */
export function openSource(rows: Rows, checks: SourceChecks): Source {
  const credential = checks.allOrigins ? undefined : credentialOf(checks.headers);
  if (checks.done.count === 0 && credential === undefined)
    return { rows, placeOf: (index) => index, failure: () => rows.failure };

  const places = new Map<number, number>();
  let failure: UsageError | null = null;

  async function* undone(): AsyncGenerator<Row> {
    const guard = credential === undefined ? () => {} : oneOriginOnly(credential);
    let given = 0;
    let place = 0;
    for await (const row of rows) {
      const url = typeof row === 'string' ? row : row.url;
      guard(url);
      checkSame(url, place, checks);
      if (!checks.done.has(place)) {
        places.set(given++, place);
        yield row;
      }
      place++;
    }
  }

  async function* untilFailure(): AsyncGenerator<Row> {
    try {
      yield* undone();
    } catch (error) {
      if (!(error instanceof UsageError)) throw error;
      failure = error;
    }
  }

  return {
    rows: untilFailure(),
    placeOf(index) {
      const place = places.get(index)!;
      places.delete(index);
      return place;
    },
    failure: () => failure ?? rows.failure,
  };
}

/** The name of a header that is a credential. */
export function credentialOf(headers: Readonly<Record<string, string>>): string | undefined {
  return Object.keys(headers).find((name) => isCredential(name, headers[name]!));
}

/**
 * A credential that was meant for one origin must not reach another by an oversight: what it returns takes the URLs
 * one by one. @throws UsageError at the second origin.
 */
export function oneOriginOnly(header: string): (url: string) => void {
  let first: string | undefined;
  return (url) => {
    if (!URL.canParse(url)) return;
    const { origin } = new URL(url);
    first ??= origin;
    if (origin !== first)
      throw new UsageError(
        `${header} would go to ${first} and to ${origin}. Make it a run for each, or say --all-origins.`,
      );
  };
}

function checkSame(url: string, place: number, { inputs }: SourceChecks): void {
  const before = inputs.get(place);
  const now = redactUrl(url);
  // What was written may hold secrets (--keep-urls), or those that an older version did not know.
  const isSame = before === undefined || [now, csvSafe(now)].includes(redactUrl(before));
  if (!isSame)
    throw new UsageError(
      `URL ${place + 1} is ${now}, but the output has ${redactUrl(before)} there: it belongs to another input. ` +
        'Give the same input as before, another -o, or --force.',
    );
}
