import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { Opinion, Peer } from '../case.ts';
import { askCurl, curlVersion } from './curl.ts';
import type { Question } from './undici.ts';

const PROGRAM = join(import.meta.dirname, 'undici.ts');

/** An answer that ends the process of undici (Node's HTTP/2 can abort) takes the opinions on so many with it. */
const TOGETHER = 30;

/** The clients that are asked beside abreast, as far as they are there. */
export class SecondOpinions {
  /** null where there is none. */
  readonly curl: string | null = curlVersion();
  #undici: ChildProcess | null = null;

  async ask(peer: Peer, questions: readonly Question[]): Promise<ReadonlyMap<string, Opinion>> {
    if (peer === 'curl') return this.curl === null ? new Map() : askCurl(questions);
    const told = new Map<string, Opinion>();
    for (let at = 0; at < questions.length; at += TOGETHER)
      for (const [id, opinion] of await this.#askUndici(questions.slice(at, at + TOGETHER)))
        told.set(id, opinion);
    return told;
  }

  stop(): void {
    this.#undici?.kill('SIGKILL');
    this.#undici = null;
  }

  async #askUndici(questions: readonly Question[]): Promise<ReadonlyMap<string, Opinion>> {
    this.#undici ??= await start();
    const child = this.#undici;
    child.send(questions);
    const told = await Promise.race([
      once(child, 'message').then(([opinions]) => new Map<string, Opinion>(opinions)),
      once(child, 'exit').then(() => null),
    ]);
    if (told !== null) return told;
    // It crashed: it has no opinion on any of these.
    this.#undici = null;
    return new Map();
  }
}

async function start(): Promise<ChildProcess> {
  const child = fork(PROGRAM, { stdio: ['ignore', 'ignore', 'ignore', 'ipc'] });
  await once(child, 'message');
  return child;
}
