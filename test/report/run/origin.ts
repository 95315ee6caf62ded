import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { TestContext } from 'node:test';

/** What is answered to a path: a status and a body of JSON. */
export type Answer = readonly [status: number, body: unknown, delayMs?: number];

/** A server whose answers the test decides as it goes on. */
export interface Origin {
  readonly url: string;
  answer: (path: string) => Answer;
  /** Every path that was asked for, in order. */
  readonly asked: string[];
}

export async function startOrigin(t: TestContext, answer: Origin['answer']): Promise<Origin> {
  const asked: string[] = [];
  const reply = (request: IncomingMessage, response: ServerResponse) => {
    asked.push(request.url!);
    const [status, body, delayMs = 0] = origin.answer(request.url!);
    setTimeout(() => {
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    }, delayMs);
  };
  const server = createServer(reply);
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  const origin = { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, answer, asked };
  return origin;
}
