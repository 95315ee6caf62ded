import type { Readable } from 'node:stream';
import { BadRequest } from './exchange.ts';
import { MAX_REQUEST_BODY } from './limits.ts';

/** The whole body of a request. @throws BadRequest when it is longer than MAX_REQUEST_BODY or cut off. */
export async function readBody(source: Readable): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let length = 0;
  try {
    // Destroyed, an HTTP/2 stream would be reset before its answer.
    for await (const chunk of source.iterator({ destroyOnReturn: false })) {
      length += chunk.length;
      if (length > MAX_REQUEST_BODY) throw new Error(`longer than ${MAX_REQUEST_BODY} bytes`);
      chunks.push(chunk);
    }
  } catch (error) {
    source.resume();
    throw new BadRequest(`error reading the request body: ${(error as Error).message}`);
  }
  return Buffer.concat(chunks);
}
