import type { ClientHttp2Stream } from 'node:http2';

/**
 * Whether the server ended a stream itself (END_STREAM). node:http2 says 'end' of one that was reset without an error,
 * too; then its answer was cut (RFC 9113 §8.1). Only before the close of the stream is the end its own.
 */
export function watchEnd(stream: ClientHttp2Stream): { readonly isWhole: boolean } {
  const watched = { isWhole: false };
  const push = stream.push;
  stream.push = (chunk, encoding) => {
    if (chunk === null && !stream.closed) watched.isWhole = true;
    return push.call(stream, chunk, encoding);
  };
  return watched;
}
