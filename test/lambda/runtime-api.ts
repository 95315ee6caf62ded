import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json, text } from 'node:stream/consumers';

/** What came of an event. */
export type Answer =
  | { readonly kind: 'response'; readonly value: unknown }
  | { readonly kind: 'error'; readonly error: { readonly errorType: string; readonly errorMessage: string } };

/**
 * Lambda's side of the Runtime API and of the Extensions API, as a function's process sees them
 * (docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html, runtimes-extensions-api.html). The caller is who starts and kills processes.
 */
export class RuntimeApi implements AsyncDisposable {
  readonly #server = createServer((request, response) => void this.#serve(request, response));
  readonly #events: Delivered[] = [];
  readonly #answers = new Map<string, (answer: Answer) => void>();
  readonly #extensions = new Map<string, Extension>();
  readonly #registered = Promise.withResolvers<void>();
  #next: ServerResponse | null = null;
  #asked = Promise.withResolvers<void>();

  static async start(): Promise<RuntimeApi> {
    const api = new RuntimeApi();
    await new Promise<void>((resolve) => api.#server.listen(0, '127.0.0.1', resolve));
    return api;
  }

  /** As in AWS_LAMBDA_RUNTIME_API. */
  get address(): string {
    return `127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** A process is there that waits for an event. */
  asked(): Promise<void> {
    return this.#next === null ? this.#asked.promise : Promise.resolve();
  }

  /** An extension has registered. */
  get registered(): Promise<void> {
    return this.#registered.promise;
  }

  /** Hands an event to the function. `requestId`: the same one again is a retry. */
  invoke(event: unknown, timeoutMs: number, requestId: string = randomUUID()): Promise<Answer> {
    const deadlineMs = Date.now() + timeoutMs;
    const answer = new Promise<Answer>((resolve) => this.#answers.set(requestId, resolve));
    this.#events.push({ event, requestId, deadlineMs });
    this.#handOut();
    for (const extension of this.#extensions.values())
      extension.push({ eventType: 'INVOKE', deadlineMs, requestId });
    return answer;
  }

  /** Tells the extensions that the end has come. */
  shutdown(): void {
    for (const extension of this.#extensions.values())
      extension.push({ eventType: 'SHUTDOWN', shutdownReason: 'spindown', deadlineMs: Date.now() + 2000 });
  }

  /** The process that had asked for an event is gone. */
  forget(): void {
    this.#next = null;
    this.#asked = Promise.withResolvers();
    this.#events.length = 0;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = request.url!;
    const [, requestId, what] =
      /^\/2018-06-01\/runtime\/invocation\/([^/]+)\/(response|error)$/.exec(path) ?? [];
    if (path === '/2018-06-01/runtime/invocation/next') {
      this.#next = response;
      this.#asked.resolve();
      return this.#handOut();
    }
    if (requestId !== undefined) {
      const value = await json(request).catch(() => null);
      response.writeHead(202).end();
      this.#answers.get(requestId)?.(
        what === 'response'
          ? { kind: 'response', value }
          : { kind: 'error', error: value as Extract<Answer, { kind: 'error' }>['error'] },
      );
    } else if (path === '/2020-01-01/extension/register') {
      await text(request);
      const id = randomUUID();
      this.#extensions.set(id, new Extension());
      response.writeHead(200, { 'Lambda-Extension-Identifier': id }).end('{}');
      this.#registered.resolve();
    } else if (path === '/2020-01-01/extension/event/next') {
      const extension = this.#extensions.get(request.headers['lambda-extension-identifier'] as string);
      if (extension === undefined) response.writeHead(403).end();
      else extension.wait(response);
    } else response.writeHead(404).end();
  }

  #handOut(): void {
    if (this.#next === null || this.#events.length === 0) return;
    const { event, requestId, deadlineMs } = this.#events.shift()!;
    this.#next
      .writeHead(200, {
        'Lambda-Runtime-Aws-Request-Id': requestId,
        'Lambda-Runtime-Deadline-Ms': String(deadlineMs),
        'Lambda-Runtime-Invoked-Function-Arn': 'arn:aws:lambda:eu-central-1:000000000000:function:report',
      })
      .end(JSON.stringify(event));
    this.#next = null;
    this.#asked = Promise.withResolvers();
  }
}

interface Delivered {
  readonly event: unknown;
  readonly requestId: string;
  readonly deadlineMs: number;
}

/** The events of an extension, which asks for each. */
class Extension {
  readonly #events: object[] = [];
  #response: ServerResponse | null = null;

  push(event: object): void {
    this.#events.push(event);
    this.#handOut();
  }

  wait(response: ServerResponse): void {
    this.#response = response;
    this.#handOut();
  }

  #handOut(): void {
    if (this.#response === null || this.#events.length === 0) return;
    this.#response.writeHead(200).end(JSON.stringify(this.#events.shift()));
    this.#response = null;
  }
}
