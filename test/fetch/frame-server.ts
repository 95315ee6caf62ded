import type { Socket } from 'node:net';
import type { TestContext } from 'node:test';
import tls from 'node:tls';
import { makeCertificate } from '../../src/testserver/index.ts';
import { frame, HEADERS, NO_FLAGS, SETTINGS } from './frames.ts';
import { listening } from './servers.ts';

/** A server of HTTP/2 that answers each stream with these frames. `ordinal`: of its connection. Gives 'https://127.0.0.1:PORT'. */
export async function rawServer(
  t: TestContext,
  answer: (stream: number, socket: Socket, ordinal: number) => readonly Buffer[],
): Promise<string> {
  let connections = 0;
  const server = tls.createServer({ ...(await makeCertificate()), ALPNProtocols: ['h2'] }, (socket) => {
    const ordinal = connections++;
    socket.on('error', () => {});
    socket.write(frame(SETTINGS, NO_FLAGS, 0));
    let left = Buffer.alloc(0);
    let isPrefaceRead = false;
    socket.on('data', (chunk: Buffer) => {
      left = Buffer.concat([left, chunk]);
      if (!isPrefaceRead && left.length >= 24) {
        left = left.subarray(24);
        isPrefaceRead = true;
      }
      while (isPrefaceRead && left.length >= 9 && left.length >= 9 + left.readUIntBE(0, 3)) {
        if (left[3] === HEADERS) socket.write(Buffer.concat(answer(left.readUInt32BE(5), socket, ordinal)));
        left = left.subarray(9 + left.readUIntBE(0, 3));
      }
    });
  });
  return `https://127.0.0.1:${await listening(t, server)}`;
}
