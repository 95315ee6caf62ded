import type { Socket } from 'node:net';
import type { Scene } from '../case.ts';
import { reset } from './play.ts';

/** Passes a TLS server's bytes on as far as the cut, whatever handshake message that is in. */
export function cutTls(
  client: Socket,
  server: Socket,
  { bytes, finish }: NonNullable<Scene['tlsCut']>,
): void {
  let left = bytes;
  client.pipe(server);
  client.once('close', () => server.destroy());
  server.on('data', (chunk) => {
    if (left <= 0) return;
    client.write(chunk.subarray(0, left));
    left -= chunk.length;
    if (left <= 0) cut();
  });
  // What it says in all may be less.
  server.once('close', () => client.destroy());
  if (left <= 0) cut();

  function cut(): void {
    if (finish === 'end') client.end();
    if (finish === 'reset') reset(client);
    if (finish === 'garbage') client.end(Buffer.alloc(200, 0x17));
  }
}
