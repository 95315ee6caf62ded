/** A whole number, or undefined when the text is none. */
export function wholeNumber(text: string): number | undefined {
  return /^[+-]?\d{1,15}$/.test(text) ? Number(text) : undefined;
}

const UNIT_MS = { h: 3_600_000, m: 60_000, s: 1000, ms: 1, us: 1e-3, µs: 1e-3, μs: 1e-3, ns: 1e-6 } as const;

/**
 * Milliseconds of a duration as go-httpbin takes it, seconds with a fraction (0.1) or Go's own writing
 * (100ms, 1m30s); undefined when it is neither.
 */
export function durationMs(text: string): number | undefined {
  if (/^-?(\d+\.?\d*|\.\d+)$/.test(text)) return Number(text) * 1000;
  if (!/^((\d+\.?\d*|\.\d+)(ns|us|µs|μs|ms|s|m|h))+$/.test(text)) return undefined;
  let totalMs = 0;
  for (const [, amount, unit] of text.matchAll(/([\d.]+)(ns|us|µs|μs|ms|s|m|h)/g)) {
    totalMs += Number(amount) * UNIT_MS[unit as keyof typeof UNIT_MS];
  }
  return totalMs;
}

/** Base64 in the alphabet that is safe in URLs, padded as Go pads it (RFC 4648 §5). */
export function urlSafeBase64(bytes: Buffer): string {
  return bytes.toString('base64').replaceAll('+', '-').replaceAll('/', '_');
}
