import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { Opinion, Peer } from '../case.ts';
import { askCurl, curlVersion } from './curl.ts';
import type { Question } from './undici.ts';

const PROGRAM = join(import.meta.dirname, 'undici.ts');
/** Questions that undici works on at a time. */
const AT_ONCE = 30;

/** The clients that are asked beside abreast, as far as they are there. */
export class SecondOpinions {
  /** null where there is none. */
  readonly curl: string | null = curlVersion();
  #undici: ChildProcess | null = null;

  async ask(peer: Peer, questions: readonly Question[]): Promise<ReadonlyMap<string, Opinion>> {
    if (peer === 'curl') return this.curl === null ? new Map() : askCurl(questions);
    const told = new Map<string, Opinion>();
    let left = questions;
    while (left.length > 0) {
      const hasEnded = await this.#askUndici(left, told);
      left = left.filter(({ id }) => !told.has(id));
      // An answer has ended its process (Node's HTTP/2 can abort): it is one of those that undici was at.
      if (hasEnded) left = left.slice(AT_ONCE);
    }
    return told;
  }

  stop(): void {
    this.#undici?.kill('SIGKILL');
    this.#undici = null;
  }

  /** Adds opinions as they come. Gives whether its process ended before it had one on each. */
  async #askUndici(questions: readonly Question[], told: Map<string, Opinion>): Promise<boolean> {
    this.#undici ??= await start();
    const child = this.#undici;
    const { promise, resolve } = Promise.withResolvers<boolean>();
    let left = questions.length;
    const onMessage = ([id, opinion]: [string, Opinion]) => {
      told.set(id, opinion);
      if (--left === 0) resolve(false);
    };
    const onClose = () => resolve(true);
    child.on('message', onMessage).once('close', onClose);
    child.send(questions);
    const hasEnded = await promise;
    child.off('message', onMessage).off('close', onClose);
    if (hasEnded) this.#undici = null;
    return hasEnded;
  }
}

async function start(): Promise<ChildProcess> {
  const child = fork(PROGRAM, [String(AT_ONCE)], { stdio: ['ignore', 'ignore', 'ignore', 'ipc'] });
  await once(child, 'message');
  return child;
}
