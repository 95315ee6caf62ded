import { isUtf8 } from 'node:buffer';
import type { Result } from '../fetch/index.ts';
import { redactText, redactUrl } from '../trace/index.ts';
import type { Batch } from './batch.ts';
import { type PartPlace, placeText } from './place.ts';
import { inputUrl, type Keep, safeHeaders, toMicro } from './record.ts';

/** Appends a result to a batch as one row of its format; `place`: of a line in a part, which is JSON Lines. */
export type RowWriter = (batch: Batch, result: Result, index: number, place?: PartPlace) => void;

/**
 * Writes what JSON.stringify(toRecord(result)) would, without building the record: the same headers or URL are
 * quoted once, and a body goes from bytes to bytes. A test holds the two against each other.
 */
export function jsonlWriter(keep: Keep): RowWriter {
  const quoteUrl = (url: string) => JSON.stringify(keep.urls ? url : redactUrl(url));
  // The engine gives a sink that borrows the same headers object with every answer of the same head.
  const quotedHeaders = new WeakMap<object, string>();
  let lastStart = Number.NaN;
  let quotedStart = 'null';

  const quoteHeaders = (headers: NonNullable<Result['headers']>): string => {
    let quoted = quotedHeaders.get(headers);
    if (quoted === undefined) {
      quoted = JSON.stringify(safeHeaders(headers, keep));
      quotedHeaders.set(headers, quoted);
    }
    return quoted;
  };

  return (batch, result, index, place) => {
    const input = inputUrl(result);
    const url = quoteUrl(result.url);
    const headers = result.headers === null ? 'null' : quoteHeaders(result.headers);
    if (result.startedAt !== lastStart) {
      lastStart = result.startedAt ?? Number.NaN;
      quotedStart = JSON.stringify(result.startedAt === null ? null : new Date(result.startedAt));
    }
    const finalUrl =
      result.finalUrl === result.url ? url : result.finalUrl === null ? null : quoteUrl(result.finalUrl);
    const error =
      result.error === null
        ? null
        : JSON.stringify({ code: result.error.code, text: redactText(result.error.message) });
    batch.text(
      `{"index":${index}${place === undefined ? '' : placeText(place, result.error !== null)},"input":${input === result.url ? url : quoteUrl(input)},"data":${JSON.stringify(
        result.data ?? null,
      )},"url":${url},"finalUrl":${finalUrl},"status":${result.status},"error":${error},"attempts":${
        result.attempts
      },"startedAt":${quotedStart},"waitMs":${toMicro(result.waitMs)},"connectMs":${toMicro(
        result.connectMs,
      )},"ttfbMs":${toMicro(result.ttfbMs)},"totalMs":${toMicro(result.totalMs)},"bytes":${
        result.bytes
      },"headers":${headers},"body":`,
    );
    writeBody(batch, keep.bodies ? result.body : null);
  };
}

function writeBody(batch: Batch, body: Buffer | null): void {
  if (body === null) batch.text('null,"bodyEncoding":null}\n');
  else if (isUtf8(body)) {
    batch.text('"');
    batch.jsonString(body);
    batch.text('","bodyEncoding":"utf8"}\n');
  } else {
    batch.text('"');
    batch.base64(body);
    batch.text('","bodyEncoding":"base64"}\n');
  }
}
