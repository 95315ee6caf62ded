/** undici beside abreast: a second opinion on what an answer is. Each request is on a connection of its own. */
import { Agent, Client, fetch } from 'undici';
import type { Opinion } from '../case.ts';
import { digest } from '../digest.ts';

/** What is asked of it. 'fetch': redirects are followed and codings undone. */
export interface Question {
  readonly id: string;
  readonly url: string;
  readonly how: 'request' | 'fetch' | 'h2';
}

const AT_ONCE = Number(process.argv[2]);
const LIMITS = { headersTimeout: 6000, bodyTimeout: 6000, connectTimeout: 6000 } as const;
const TLS = { rejectUnauthorized: false } as const;

// An answer may break undici outside of any promise that it gave: that is its opinion, and not our end.
process.on('uncaughtException', () => {});

process.on('message', async (questions: readonly Question[]) => {
  const rest = questions.values();
  const worker = async (): Promise<void> => {
    for (const question of rest) process.send!([question.id, await opinion(question)]);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
});
process.send!('ready');

async function opinion({ url, how }: Question): Promise<Opinion> {
  const late = new Promise<Opinion>((resolve) => {
    setTimeout(resolve, 10_000, { status: null, sha1: null, error: 'no end' }).unref();
  });
  return Promise.race([how === 'fetch' ? byFetch(url) : byRequest(url, how === 'h2'), late]);
}

async function byRequest(url: string, allowH2: boolean): Promise<Opinion> {
  const { origin, pathname, search } = new URL(url);
  const client = new Client(origin, { ...LIMITS, allowH2, connect: TLS });
  try {
    const { statusCode, body } = await client.request({ path: pathname + search, method: 'GET' });
    return { status: statusCode, sha1: digest(await body.bytes()).sha1, error: null };
  } catch (error) {
    return failed(error);
  } finally {
    client.destroy().catch(() => {});
  }
}

async function byFetch(url: string): Promise<Opinion> {
  const dispatcher = new Agent({ ...LIMITS, connect: TLS });
  try {
    const answer = await fetch(url, { dispatcher });
    return { status: answer.status, sha1: digest(await answer.bytes()).sha1, error: null };
  } catch (error) {
    return failed(error);
  } finally {
    dispatcher.destroy().catch(() => {});
  }
}

function failed(error: unknown): Opinion {
  const { cause, message, code } = error as Error & { code?: string };
  const inner = cause as (Error & { code?: string }) | undefined;
  return { status: null, sha1: null, error: inner?.code ?? inner?.message ?? code ?? message };
}
