import { createHash } from 'node:crypto';
import type { Digest } from './case.ts';

export function digest(body: Uint8Array): Digest {
  return {
    length: body.length,
    sha1: createHash('sha1').update(body).digest('hex'),
    start: Buffer.from(body.subarray(0, 60)).toString('latin1'),
  };
}
