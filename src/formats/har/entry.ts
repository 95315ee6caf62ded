import { z } from 'zod';
import { BECAUSE } from '../../trace/index.ts';

/** A day of the year 2255: no more fits into microseconds that a number counts. */
const LATEST_US = Number.MAX_SAFE_INTEGER;
const LONGEST_MS = 1e12;

/** What is strange there is taken as absent: the times of an entry say something without it. */
const text = z.string().optional().catch(undefined);
const count = z.number().int().nonnegative().optional().catch(undefined);
/** Milliseconds; -1 where a step did not apply. */
const ms = z.number().max(LONGEST_MS).optional().catch(undefined);

const url = z
  .string({ error: 'should be a URL' })
  .refine((given) => URL.canParse(given), { error: 'should be a URL' });
const time = 'should be a time as in ISO 8601';
const isTime = (given: string) => epochUs(given) >= 0 && epochUs(given) < LATEST_US;

/** Chrome counts lines from 0. */
const frame = z.object({ functionName: text, url: z.string(), lineNumber: z.number().int().nonnegative() });

/** The used fields of an entry of a HAR file. */
const entry = z.object(
  {
    startedDateTime: z.string({ error: time }).refine(isTime, { error: time }),
    time: ms,
    request: z.object({ method: text, url }, { error: 'is missing' }),
    response: z.object(
      { status: count, httpVersion: text, redirectURL: text, _error: text, _transferSize: count },
      { error: 'is missing' },
    ),
    /** `ssl` is within `connect`, and `_unsent`, which abreast writes, in `send`. */
    timings: z.object(
      { blocked: ms, dns: ms, connect: ms, send: ms, _unsent: ms, wait: ms, receive: ms },
      { error: 'are missing' },
    ),
    connection: text,
    _fromCache: z.unknown().optional(),
    /** Fields of the exchange that no recorder saw, in what abreast writes. */
    _unseen: z.array(z.string()).catch([]).default([]),
    /** What abreast writes of a request that was sent several times. */
    _request: z
      .object({
        id: z.number().int().nonnegative(),
        attempt: z.number().int().positive(),
        because: z.enum(BECAUSE),
      })
      .optional()
      .catch(undefined),
    _initiator: z
      .object({ stack: z.object({ callFrames: z.array(frame) }) })
      .optional()
      .catch(undefined),
  },
  { error: 'an entry should be an object' },
);

export type HarEntry = z.infer<typeof entry>;

/** The entry of a value, or what is wrong with it: 'request.url should be a URL'. */
export function entryOf(value: unknown): HarEntry | string {
  const { data, error } = entry.safeParse(value);
  if (data !== undefined) return data;
  const { path, message } = error.issues[0]!;
  return `${path.join('.')} ${message}`.trim();
}

/** Whether an entry was sent at all: not from a cache, and not `data:`, `blob:`, an extension's. */
export function wasOnTheWire({ request, _fromCache }: HarEntry): boolean {
  return /^https?:\/\//i.test(request.url) && _fromCache === undefined;
}

/** Microseconds since 1970; some programs write more digits than Date can hold. NaN for no time. */
export function epochUs(given: string): number {
  const [, beyondMs = ''] = /\.\d{3}(\d{1,3})/.exec(given) ?? [];
  return Date.parse(given) * 1_000 + Number(beyondMs.padEnd(3, '0'));
}
