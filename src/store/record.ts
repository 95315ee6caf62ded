import { isUtf8 } from 'node:buffer';
import type { ErrorCode, Result } from '../fetch/index.ts';
import { redactHeader, redactText, redactUrl } from '../trace/index.ts';

/** A result as it is stored: schema/result.json. */
export interface StoredResult {
  readonly index: number;
  readonly input: string;
  readonly data: unknown;
  readonly url: string;
  readonly finalUrl: string | null;
  readonly status: number | null;
  readonly error: { readonly code: ErrorCode; readonly text: string } | null;
  readonly attempts: number;
  /** ISO 8601, UTC. */
  readonly startedAt: string | null;
  readonly waitMs: number | null;
  readonly connectMs: number | null;
  readonly ttfbMs: number | null;
  readonly totalMs: number | null;
  readonly bytes: number;
  readonly headers: Readonly<Record<string, string>> | null;
  readonly body: string | null;
  readonly bodyEncoding: 'utf8' | 'base64' | null;
}

/** What of a result is written. */
export interface Keep {
  /** The body goes into the row. */
  readonly bodies: boolean;
  /** URLs stay as they are, passwords and tokens included. */
  readonly urls: boolean;
}

/** The record of a result, without secrets. */
export function toRecord(result: Result, index: number, keep: Keep): StoredResult {
  const url = keep.urls ? (text: string) => text : redactUrl;
  const { body } = result;
  const kept = keep.bodies && body !== null;
  const utf8 = kept && isUtf8(body);
  return {
    index,
    input: url(inputUrl(result)),
    data: result.data ?? null,
    url: url(result.url),
    finalUrl: result.finalUrl === null ? null : url(result.finalUrl),
    status: result.status,
    error: result.error && { code: result.error.code, text: redactText(result.error.message) },
    attempts: result.attempts,
    startedAt: result.startedAt === null ? null : new Date(result.startedAt).toISOString(),
    waitMs: toMicro(result.waitMs),
    connectMs: toMicro(result.connectMs),
    ttfbMs: toMicro(result.ttfbMs),
    totalMs: toMicro(result.totalMs),
    bytes: result.bytes,
    headers: result.headers && safeHeaders(result.headers, keep),
    body: kept ? body.toString(utf8 ? 'utf8' : 'base64') : null,
    bodyEncoding: kept ? (utf8 ? 'utf8' : 'base64') : null,
  };
}

/** The URL as it was given. */
export function inputUrl(result: Result): string {
  return typeof result.input === 'string' ? result.input : result.input.url;
}

/** Milliseconds to the microsecond: more digits are noise. */
export function toMicro(ms: number | null): number | null {
  return ms === null ? null : Math.round(ms * 1000) / 1000;
}

/** Response headers without cookies, tokens and the secrets of URLs. */
export function safeHeaders(headers: Readonly<Record<string, string>>, keep: Keep): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name, redactHeader(name, value, keep.urls)]),
  );
}
