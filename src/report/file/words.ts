import parseJsonPath from 'jsonpath-rfc9535/parser';
import { z } from 'zod';
import { didYouMean } from '../../document/index.ts';
import { DURATION, type Duration, isCurves, RATE, type Rate } from '../../fetch/index.ts';

/** The scalar values of a report file, each with what is expected there. */

/** '250ms', '10s', '5m', '1h'. */
export const duration = z
  .string({ error: 'a length of time with its unit: 250ms, 10s, 5m or 1h' })
  .regex(DURATION, {
    error: 'a length of time above 0 with its unit: 250ms, 10s, 5m or 1h',
  })
  .transform((text) => text as Duration);

/** '10/s', '600/m', '36000/h'. */
export const rate = z
  .string({ error: 'a number in a time: 10/s, 600/m or 36000/h' })
  .regex(RATE, {
    error: 'a number above 0 in a time: 10/s, 600/m or 36000/h',
  })
  .transform((text) => text as Rate);

/** 'X25519:P-256'. */
export const curves = z
  .string({ error: 'names of curves with colons between: X25519:P-256' })
  .refine(isCurves, { error: 'names of curves that OpenSSL knows, with colons between: X25519:P-256' });

const UNIT_BYTES = { b: 1, kb: 2 ** 10, mb: 2 ** 20, gb: 2 ** 30 } as const;
const SIZE = /^(?=.*[1-9])(\d+(?:\.\d+)?) ?([kKmMgG]?[bB])$/;

/** Bytes, as a number or '512KB', '64MB', '2GB'; a KB is 1,024 bytes. */
export const size = z.union([
  z.int({ error: 'a size: 512KB, 64MB, or a number of bytes' }).min(1),
  z
    .string({ error: 'a size: 512KB, 64MB, or a number of bytes' })
    .regex(SIZE, { error: 'a size: 512KB, 64MB, or a number of bytes' })
    .transform((text) => {
      const [, number, unit] = SIZE.exec(text)!;
      return Math.floor(Number(number) * UNIT_BYTES[unit!.toLowerCase() as keyof typeof UNIT_BYTES]);
    }),
]);

const STATUSES = "a status: 200, a range: '200-204', or a class: 2xx";

/** 200, '200-204', '2xx': ranges with both ends. */
export const statuses = z.union([
  z
    .int({ error: STATUSES })
    .min(100)
    .max(599)
    .transform((status) => [status, status] as const),
  z
    .string({ error: STATUSES })
    .regex(/^([1-5][xX]{2}|[1-5]\d\d(-[1-5]\d\d)?)$/, { error: STATUSES })
    .transform((text): readonly [number, number] => {
      if (/xx$/i.test(text)) return [Number(text[0]) * 100, Number(text[0]) * 100 + 99];
      const [from, to] = text.split('-').map(Number) as [number, number?];
      return [from, to ?? from];
    }),
]);

const LIMIT = 'how many may fail, or what share of all: 10, or 1%';

/** 10, or '1%'. */
export const failureLimit = z.union([
  z
    .int({ error: LIMIT })
    .min(0)
    .transform((count) => ({ count })),
  z
    .string({ error: LIMIT })
    .regex(/^(100(\.0+)?|\d{1,2}(\.\d+)?)%$/, { error: LIMIT })
    .transform((text) => ({ percent: Number.parseFloat(text) })),
]);

/** A text with holes and variables, which are read later: `https://{{host}}/?key=${KEY}`. */
export const template = z.union([
  z.string({ error: 'a text' }),
  z.number({ error: 'a text' }),
  z.boolean({ error: 'a text' }),
]);

/** A text that is not empty. */
export const text = z.string({ error: 'a text' }).min(1, { error: 'a text that is not empty' });

/** What one table of SQL may be called without quotes. */
export const tableName = z.string({ error: 'a name' }).regex(/^[A-Za-z_][A-Za-z0-9_]{0,62}$/, {
  error: 'a name for a table of SQL: letters, digits and _, no digit first',
});

/** Belong to the connection: the engine sends them itself, or HTTP/2 forbids them (RFC 9113 §8.2.2). */
const OF_THE_CONNECTION =
  'connection|content-length|keep-alive|proxy-authorization|proxy-connection|te|transfer-encoding|upgrade';
/** RFC 9110 §5.6.2. */
const FIELD_NAME = "[!#$%&'*+.^_`|~0-9A-Za-z-]+";

/** What a header may be called that a request sends. */
export const headerName = z.string().regex(new RegExp(`^(?!(${OF_THE_CONNECTION})$)${FIELD_NAME}$`), {
  error: "a header's name (RFC 9110 §5.6.2), and none that belongs to the connection",
});

/** A text that `holds`; else `problem` says what is wrong with it. */
function meaningful(holds: (value: string) => boolean, problem: string, meant?: () => readonly string[]) {
  return text.refine(holds, {
    error: ({ input }) => `'${input}' is ${problem}${meant ? didYouMean(String(input), meant()) : ''}`,
  });
}

/** RFC 9535. */
export const jsonPath = meaningful(
  (path) => parses(() => parseJsonPath(path)),
  'no JSON path (RFC 9535); expected one like $.next or $.data.items',
);

/** Of the IANA's time zone database. */
export const timezone = meaningful(
  (zone) => parses(() => new Intl.DateTimeFormat('en', { timeZone: zone })),
  'no time zone; expected one like UTC or Europe/Berlin',
  () => Intl.supportedValuesOf('timeZone'),
);

/** 'application/json', 'text/*'. */
export const mediaType = meaningful(
  (type) => /^[\w!#$&^.+-]+\/([\w!#$&^.+-]+|\*)$/.test(type),
  'no media type; expected one like application/json or text/*',
);

/** '*.example.com', 'example.com:8443', 'https://*.example.com'. */
export const originPattern = meaningful(
  (pattern) => /^(https?:\/\/)?([\w*.-]+|\[[\da-fA-F:.]+\])(:\d+)?$/.test(pattern),
  'no origin; expected a host pattern, *.example.com, or an origin, https://example.com:8443',
);

/** '*.example.com', 'example.com:8443'. */
export const hostPattern = meaningful(
  (pattern) => /^(\*?[\w.-]*|\[[\da-fA-F:.]+\])(:\d+)?$/.test(pattern),
  'no host; expected a name or a pattern, *.example.com, with or without a port',
);

function parses(act: () => unknown): boolean {
  try {
    act();
    return true;
  } catch {
    return false;
  }
}
