import type { Frame } from '../../trace/index.ts';
import { calledOf, placeOf } from '../languages/frames.ts';
import { packageOf } from '../languages/index.ts';
import { rule } from '../rule.ts';
import { greenletsOf } from '../scene/greenlets.ts';
import { holdingByCalls } from '../scene/holding.ts';
import { fromOf, withVersion } from '../scene/modules.ts';
import { languageOf } from '../scene/program.ts';

/** A synchronous call on a loop: the thread waits for one answer, and nobody else gets a turn. */
export const blockingCall = rule({
  id: 'blocking-call',
  step: 'sent',
  means: 'a synchronous call on an event loop: while it waits, nothing else runs',
  toldFrom: 'waits for one connection while others were to be sent',
  fix: {
    any: 'Use an asynchronous client here, or hand the call to threads.',
    python:
      'Hand the call to a thread (`await asyncio.to_thread(requests.get, url)`), or use an asynchronous client (httpx.AsyncClient, aiohttp).',
    node: 'Use the asynchronous form of this call (fetch, http.request), or hand it to a worker thread.',
  },
  sure: 'certain with its stack, else likely',
  references: [
    {
      language: 'python',
      url: 'https://github.com/astral-sh/ruff/pull/28024',
      title: '[flake8-async] Detect blocking generic HTTP requests (ASYNC210)',
    },
  ],
  yieldsTo: [],
  find: (scene) => {
    const holding = holdingByCalls(scene);
    if (holding === undefined || greenletsOf(scene, holding.frames) !== undefined) return undefined;
    const { frames, own, share, exchanges, places, seen } = holding;
    // Only a language with a loop has one to block: a write of a C program is a write.
    if (frames.length === 0 && languageOf(scene) === null) return undefined;
    const called = own === undefined ? undefined : frames[frames.indexOf(own) - 1];
    const module = called && packageOf(called.file);
    const of = module === undefined ? '' : ` of ${withVersion(scene, module)}`;
    return {
      confidence: frames.length > 0 ? 'certain' : 'likely',
      share,
      text: `The event loop is blocked by a synchronous call${own === undefined ? '' : ` at ${placeOf(own)}`}.`,
      because: [
        `${called === undefined ? 'There is' : `It is ${calledOf(called)}${of}:`} one request at a time, while up to ${exchanges} others waited for their turn.`,
      ],
      places,
      ...fromOf(scene, called),
      evidence: [seen],
      ...(languageOf(scene) === 'python' && called !== undefined && { fix: threaded(called, module) }),
    };
  },
});

/** 'requests.get' of a function of a module; of a method its name alone can be said. */
function threaded({ function: name, self }: Frame, module: string | undefined): string {
  const call = self === undefined && module !== undefined ? `${module}.${name}` : `client.${name}`;
  return `Hand the call to a thread (\`await asyncio.to_thread(${call}, url)\`), or use an asynchronous client (httpx.AsyncClient, aiohttp).`;
}
