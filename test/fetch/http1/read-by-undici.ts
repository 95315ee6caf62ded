import { type AddressInfo, createServer } from 'node:net';
import { Client } from 'undici';
import type { Outcome } from './read.ts';

/** What undici makes of an answer of these bytes, after which the connection ends. Its headers and connection are not compared. */
export async function readByUndici(bytes: Buffer): Promise<Outcome> {
  const server = createServer((socket) => {
    socket.on('error', () => {});
    socket.once('data', () => socket.end(bytes));
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const client = new Client(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  try {
    const { statusCode, body } = await client.request({ path: '/', method: 'GET' });
    const read = Buffer.from(await body.arrayBuffer()).toString('latin1');
    return { status: statusCode, headers: {}, body: read, isReusable: true };
  } catch (error) {
    return { code: (error as NodeJS.ErrnoException).code ?? String(error) };
  } finally {
    await client.destroy();
    server.close();
  }
}
