import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { temporaryFolder } from '../folder.ts';
import { type Answer, RuntimeApi } from './runtime-api.ts';

/** What Lambda's runtime for Node does. */
export const BOOTSTRAP = join(import.meta.dirname, 'bootstrap.mjs');

/** The handler, from source. */
export const FUNCTION = join(import.meta.dirname, '../../src/lambda/function.ts');

/** What came of an invocation. */
export type Outcome = (Answer | { readonly kind: 'timeout' } | { readonly kind: 'killed' }) & {
  readonly usedMs: number;
};

export interface Invoking {
  /** The same one again is another attempt. */
  readonly requestId?: string;
  /** The process is killed when this is so. */
  readonly killWhen?: () => boolean;
}

/** One place where a function runs: a process that has one invocation after another, and is killed at a deadline. */
export class Sandbox {
  readonly #file: string;
  readonly #env: NodeJS.ProcessEnv;
  readonly #timeoutMs: number;
  readonly #api: RuntimeApi;
  #process: ChildProcess | null = null;

  /** `file` exports the handler. */
  static async start(
    t: TestContext,
    { file = FUNCTION, env, timeoutMs }: { file?: string; env: NodeJS.ProcessEnv; timeoutMs: number },
  ): Promise<Sandbox> {
    const api = await RuntimeApi.start();
    const temporary = join(temporaryFolder(t), 'tmp');
    mkdirSync(temporary);
    const sandbox = new Sandbox(
      file,
      { PATH: process.env.PATH!, TMPDIR: temporary, AWS_LAMBDA_RUNTIME_API: api.address, ...env },
      timeoutMs,
      api,
    );
    t.after(async () => {
      await sandbox.#kill();
      await api[Symbol.asyncDispose]();
    });
    return sandbox;
  }

  private constructor(file: string, env: NodeJS.ProcessEnv, timeoutMs: number, api: RuntimeApi) {
    this.#file = file;
    this.#env = env;
    this.#timeoutMs = timeoutMs;
    this.#api = api;
  }

  async invoke(event: unknown, { requestId, killWhen }: Invoking = {}): Promise<Outcome> {
    await this.#begin();
    const begunMs = performance.now();
    const answer = this.#api.invoke(event, this.#timeoutMs, requestId);
    const end = Date.now() + this.#timeoutMs;
    let isAnswered = false;
    const killed = async (): Promise<{ kind: 'timeout' | 'killed' }> => {
      while (!isAnswered && Date.now() < end && !killWhen?.()) await sleep(5);
      if (!isAnswered) await this.#kill();
      return { kind: Date.now() < end ? 'killed' : 'timeout' };
    };
    const outcome = await Promise.race([answer, killed()]);
    isAnswered = true;
    return { ...outcome, usedMs: performance.now() - begunMs };
  }

  /** As Lambda does, it starts the process before the time of the invocation begins. */
  async #begin(): Promise<void> {
    if (this.#process === null) {
      const child = spawn(process.execPath, [BOOTSTRAP, this.#file], {
        env: this.#env,
        stdio: ['ignore', 'ignore', 'inherit'],
      });
      this.#process = child;
    }
    await this.#api.asked();
  }

  async #kill(): Promise<void> {
    const child = this.#process;
    this.#process = null;
    this.#api.forget();
    if (child === null || child.exitCode !== null) return;
    child.kill('SIGKILL');
    await once(child, 'exit');
  }
}
