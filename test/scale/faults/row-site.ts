import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A site that knows which rows it was asked for, and when. */
export interface RowSite {
  readonly port: number;
  /** In the order they came; performance.now(). */
  readonly asked: readonly { readonly row: number; readonly atMs: number }[];
  close(): Promise<void>;
}

/** Answers everything after `delayMs`. The row is the parameter `n`. */
export async function startRowSite(delayMs: number, host: string): Promise<RowSite> {
  const asked: { row: number; atMs: number }[] = [];
  const server = createServer((request, response) => {
    const { searchParams } = new URL(request.url!, 'http://site');
    asked.push({ row: Number(searchParams.get('n')), atMs: performance.now() });
    setTimeout(() => response.end('{}'), delayMs);
  });
  server.keepAliveTimeout = 60_000;
  server.listen(0, host);
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    asked,
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
