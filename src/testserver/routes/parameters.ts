import { BadRequest, type ServerExchange } from '../exchange.ts';

/** The query, read; an empty one costs nothing. */
export function queryOf(exchange: ServerExchange): URLSearchParams {
  return exchange.query === '' ? NO_QUERY : new URLSearchParams(exchange.query);
}

const NO_QUERY = new URLSearchParams();

/** A whole number within bounds. @throws BadRequest that names it. */
export function wholeNumber(name: string, text: string, min: number, max: number): number {
  const value = /^[+-]?\d{1,15}$/.test(text) ? Number(text) : Number.NaN;
  if (value >= min && value <= max) return value;
  throw new BadRequest(
    `invalid ${name}: ${JSON.stringify(text)} not a whole number in range [${min}, ${max}]`,
  );
}

const UNIT_MS = { h: 3_600_000, m: 60_000, s: 1000, ms: 1, us: 1e-3, µs: 1e-3, ns: 1e-6 } as const;
const SECONDS = /^(\d+\.?\d*|\.\d+)$/;
const WITH_UNITS = /^((\d+\.?\d*|\.\d+)(ns|us|µs|ms|s|m|h))+$/;

/**
 * Milliseconds of a duration as go-httpbin takes it: seconds with a fraction (0.1) or Go's own writing
 * (100ms, 1m30s). @throws BadRequest for anything else, and for more than maxMs.
 */
export function durationMs(name: string, text: string, maxMs: number): number {
  const valueMs = SECONDS.test(text) ? Number(text) * 1000 : WITH_UNITS.test(text) ? sumMs(text) : Number.NaN;
  if (valueMs <= maxMs) return valueMs;
  throw new BadRequest(
    `invalid ${name}: ${JSON.stringify(text)} not a time up to ${maxMs / 1000} seconds, such as 0.1 or 100ms`,
  );
}

function sumMs(text: string): number {
  let totalMs = 0;
  for (const [, amount, unit] of text.matchAll(/([\d.]+)(ns|us|µs|ms|s|m|h)/g)) {
    totalMs += Number(amount) * UNIT_MS[unit as keyof typeof UNIT_MS];
  }
  return totalMs;
}

/** Base64 in the alphabet that is safe in URLs, padded as Go pads it (RFC 4648 §5). */
export function urlSafeBase64(bytes: Buffer): string {
  return bytes.toString('base64').replaceAll('+', '-').replaceAll('/', '_');
}
