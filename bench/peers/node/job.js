// What every Node peer does around its GETs: take the URLs, write one JSON line per answer.

import { once } from 'node:events';
import { createWriteStream, readFileSync } from 'node:fs';

const [, , urlFile, concurrencyText, outFile, option] = process.argv;

export const urls = readFileSync(urlFile, 'utf8').trimEnd().split('\n');
export const concurrency = Number(concurrencyText);
/** 'h1' or 'h2' for the clients that have both. */
export const protocol = option;

const out = createWriteStream(outFile, { highWaterMark: 1 << 22 });
const BATCH_CHARS = 1 << 18;
let batch = '';

/** Keeps one answer. Lines go out in batches: a write per line would cost every peer the same for nothing. */
export function keep(index, status, body) {
  batch += `${JSON.stringify({ index, status, bytes: Buffer.byteLength(body), body })}\n`;
  if (batch.length >= BATCH_CHARS) flush();
}

/** Keeps one failure. */
export function keepError(index, error) {
  batch += `${JSON.stringify({ index, error: String(error?.code ?? error) })}\n`;
}

function flush() {
  out.write(batch);
  batch = '';
}

/** Ends the job: everything is on disk, and sockets that are kept alive don't keep the process. */
export async function finish() {
  flush();
  out.end();
  await once(out, 'finish');
  process.exit();
}

/** `concurrency` loops over one shared list, each with one GET at a time. */
export async function inSlots(get) {
  let next = 0;
  const slot = async () => {
    while (next < urls.length) {
      const index = next++;
      try {
        await get(urls[index], index);
      } catch (error) {
        keepError(index, error);
      }
    }
  };
  await Promise.all(Array.from({ length: concurrency }, slot));
  await finish();
}
