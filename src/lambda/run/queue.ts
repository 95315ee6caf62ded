import type { Token } from '../contract.ts';
import { LambdaError } from '../error.ts';

/** SQS delays a message by no more. */
const LONGEST_DELAY_S = 900;

/** The queue by which an invocation hands on what is left. */
export class Queue {
  readonly #url: string;
  readonly #loaded: Promise<typeof import('@aws-sdk/client-sqs')>;

  constructor(url: string) {
    this.#url = url;
    // Loaded while the invocation fetches.
    this.#loaded = import('@aws-sdk/client-sqs');
    this.#loaded.catch(() => {}); // send() tells it
  }

  /** @throws LambdaError */
  async send(token: Token, delayMs = 0): Promise<void> {
    const { SQSClient, SendMessageCommand } = await this.#load();
    const command = new SendMessageCommand({
      QueueUrl: this.#url,
      MessageBody: JSON.stringify(token),
      DelaySeconds: Math.min(LONGEST_DELAY_S, Math.ceil(delayMs / 1000)),
    });
    try {
      await new SQSClient().send(command);
    } catch (error) {
      throw new LambdaError(
        `the rest of run ${token.run} could not be handed on by ${this.#url}: ${(error as Error).message}`,
        { cause: error },
      );
    }
  }

  async #load(): Promise<typeof import('@aws-sdk/client-sqs')> {
    try {
      return await this.#loaded;
    } catch (error) {
      throw new LambdaError(
        'ABREAST_QUEUE_URL needs a package that does not come with abreast: npm install @aws-sdk/client-sqs',
        { cause: error },
      );
    }
  }
}
