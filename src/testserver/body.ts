import type { Readable } from 'node:stream';
import { MAX_REQUEST_BODY } from './limits.ts';

/** The whole body of a request; throws when it is longer than MAX_REQUEST_BODY or cut off. */
export async function readBody(source: Readable): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of source) {
    length += chunk.length;
    if (length > MAX_REQUEST_BODY) throw new Error(`the body is longer than ${MAX_REQUEST_BODY} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
