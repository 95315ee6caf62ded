import { createHash, randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';
import type { TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Outcome, Sandbox } from './lambda.ts';

interface Message {
  readonly messageId: string;
  readonly body: string;
  readonly delayS: number;
  receives: number;
}

/**
 * The part of SQS that a function needs (SendMessage of its JSON protocol), and what Lambda does with it: each message is an event,
 * and comes again unless the function has dealt with it.
 */
export class Queue {
  readonly messages: Message[] = [];
  readonly #port: number;

  static async start(t: TestContext): Promise<Queue> {
    const server = createServer(async (request, response) => {
      const { MessageBody, DelaySeconds = 0 } = (await json(request)) as {
        MessageBody: string;
        DelaySeconds?: number;
      };
      if (request.headers['x-amz-target'] !== 'AmazonSQS.SendMessage') return response.writeHead(400).end();
      const messageId = randomUUID();
      queue.messages.push({ messageId, body: MessageBody, delayS: DelaySeconds, receives: 0 });
      const md5 = createHash('md5').update(MessageBody).digest('hex');
      return response
        .writeHead(200, { 'content-type': 'application/x-amz-json-1.0' })
        .end(JSON.stringify({ MessageId: messageId, MD5OfMessageBody: md5 }));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    t.after(() => server.close());
    const queue = new Queue((server.address() as AddressInfo).port);
    return queue;
  }

  private constructor(port: number) {
    this.#port = port;
  }

  /** What a function needs to find it. */
  get env(): Readonly<Record<string, string>> {
    const url = `http://127.0.0.1:${this.#port}`;
    return {
      ABREAST_QUEUE_URL: `${url}/000000000000/runs`,
      AWS_ENDPOINT_URL_SQS: url,
      AWS_REGION: 'eu-central-1',
      AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE',
      AWS_SECRET_ACCESS_KEY: 'a-secret-key',
    };
  }

  /** Delivers messages until none is left; returns what came of each delivery. `again`: how long until a message is seen again. */
  async drain(sandbox: Sandbox, again = 1000): Promise<Outcome[]> {
    const outcomes: Outcome[] = [];
    for (let message = this.messages.shift(); message !== undefined; message = this.messages.shift()) {
      const outcome = await sandbox.invoke(eventOf(message));
      outcomes.push(outcome);
      if (isDealtWith(outcome)) continue;
      await sleep(again);
      message.receives++;
      if (message.receives < 30) this.messages.push(message);
    }
    return outcomes;
  }
}

/** As Lambda makes it of a message. */
export function eventOf({ messageId, body }: Pick<Message, 'messageId' | 'body'>): object {
  return { Records: [{ messageId, body, eventSource: 'aws:sqs', attributes: {} }] };
}

function isDealtWith(outcome: Outcome): boolean {
  if (outcome.kind !== 'response') return false;
  return (outcome.value as { batchItemFailures: readonly unknown[] }).batchItemFailures.length === 0;
}
