import type { Fix } from './plan.ts';

/** Those that can keep connections. */
const PROBES = new Set(['python', 'node']);

/** Keeps connections for the next request: agents of Node are told to, sessions of requests share theirs. */
export const keepAlive: Fix = {
  id: 'keep-alive',
  plan: ({ id }, { recorders }) => {
    const isInside = recorders.some(({ name, missed }) => PROBES.has(name) && missed === undefined);
    if (id !== 'connection-per-request' || !isInside) return undefined;
    return {
      text: 'connections are kept for the next request',
      load: null,
      changes: [['keep-alive']],
      variables: {},
    };
  },
};
