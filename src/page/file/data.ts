import { Readable } from 'node:stream';
import { createDeflateRaw } from 'node:zlib';
import { type RunHeader, redactRecord, type TraceRecord } from '../../trace/index.ts';

/** Bytes of a line of base64: a multiple of 3, so that each line is whole. */
const LINE_BYTES = 48 * 1024;

/** The element with a trace: those of its records that it takes, as JSON Lines, deflated, in lines of base64. No text of a trace can be markup there. */
export async function* embedded(
  id: string,
  trace: AsyncIterable<readonly TraceRecord[]> & { readonly run: RunHeader },
  takes: (record: TraceRecord) => boolean,
): AsyncGenerator<string> {
  yield `<script type="application/octet-stream" id="${id}">\n`;
  let rest = Buffer.alloc(0);
  for await (const chunk of Readable.from(jsonLines(trace, takes)).compose(createDeflateRaw({ level: 6 }))) {
    const bytes = Buffer.concat([rest, chunk as Buffer]);
    const whole = bytes.length - (bytes.length % LINE_BYTES);
    for (let at = 0; at < whole; at += LINE_BYTES) yield `${bytes.toString('base64', at, at + LINE_BYTES)}\n`;
    rest = bytes.subarray(whole);
  }
  yield `${rest.toString('base64')}\n</script>\n`;
}

async function* jsonLines(
  trace: AsyncIterable<readonly TraceRecord[]> & { readonly run: RunHeader },
  takes: (record: TraceRecord) => boolean,
): AsyncGenerator<string> {
  yield `${JSON.stringify(redactRecord(trace.run))}\n`;
  for await (const batch of trace) {
    let lines = '';
    for (const record of batch) if (takes(record)) lines += `${JSON.stringify(redactRecord(record))}\n`;
    if (lines !== '') yield lines;
  }
}
