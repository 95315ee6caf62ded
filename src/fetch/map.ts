import { defaultMaxMemory } from './bodies/memory.ts';
import type { Input } from './input.ts';
import type { Options } from './options.ts';
import type { Result } from './result.ts';
import { startRun } from './start.ts';

/** URLs, or inputs with headers, data or a timeout of their own. */
export type Inputs<Data> = Iterable<string | Input<Data>> | AsyncIterable<string | Input<Data>>;

/**
 * imap keeps at most this many results that nobody has taken, or half of `maxMemory` of their bodies; then it starts
 * no new request. The other half is for bodies under way.
 */
const UNTAKEN = 1000;

/**
 * GETs everything and gives the results in the order of the inputs, one for each: a response or a typed error.
 * @throws TypeError for a bad option, what the source or a callback throws, the reason of an aborted signal.
 * @example
 * const results = await map(['https://example.org/a', 'https://example.org/b'], { concurrency: 50 });
 * for (const { url, status, error } of results) console.log(url, status ?? error?.code);
 */
export async function map<Data = unknown>(
  inputs: Inputs<Data>,
  options: Options<Data> = {},
): Promise<Result<Data>[]> {
  const results: Result<Data>[] = [];
  const run = startRun<Data>(
    inputs,
    {
      result(result) {
        results[result.index] = result;
      },
    },
    options,
  );
  await run.finished;
  options.signal?.throwIfAborted();
  return results;
}

/**
 * GETs everything and yields each result as soon as it arrives. Leaving the loop ends the run and closes all connections.
 * @throws TypeError for a bad option, what the source or a callback throws, the reason of an aborted signal.
 * @example
 * for await (const result of imap(urls, { rate: '50/s' })) console.log(result.index, result.text().length);
 */
export async function* imap<Data = unknown>(
  inputs: Inputs<Data>,
  options: Options<Data> = {},
): AsyncGenerator<Result<Data>, void, undefined> {
  const leave = new AbortController();
  const signal = options.signal ? AbortSignal.any([options.signal, leave.signal]) : leave.signal;
  let ready: Result<Data>[] = [];
  let arrived = Promise.withResolvers<void>();
  const room: { wanted: PromiseWithResolvers<void> | null } = { wanted: null };
  let ended = false;
  const { maxMemory = defaultMaxMemory() } = options;
  const half = Math.ceil(maxMemory / 2);
  let untakenBytes = 0;
  const run = startRun<Data>(
    inputs,
    {
      result(result) {
        ready.push(result);
        untakenBytes += result.body?.length ?? 0;
        arrived.resolve();
        if (ready.length < UNTAKEN && untakenBytes < half) return;
        room.wanted ??= Promise.withResolvers<void>();
        return room.wanted.promise;
      },
    },
    { ...options, maxMemory: half, signal },
  );
  const finished = run.finished.finally(() => {
    ended = true;
    arrived.resolve();
  });
  // A failure is thrown below, when what came before it has been taken.
  finished.catch(() => {});
  try {
    while (!ended || ready.length > 0) {
      await arrived.promise;
      arrived = Promise.withResolvers<void>();
      if (ended) arrived.resolve();
      const batch = ready;
      ready = [];
      for (const result of batch) {
        untakenBytes -= result.body?.length ?? 0;
        if (untakenBytes < half) {
          room.wanted?.resolve();
          room.wanted = null;
        }
        yield result;
      }
    }
    await finished;
    options.signal?.throwIfAborted();
  } finally {
    leave.abort();
    room.wanted?.resolve();
    // Who left the loop hears what the source threw when it was closed, and that all connections are.
    await finished;
  }
}
