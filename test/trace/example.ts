import type { End, Exchange, RunHeader } from '../../src/trace/index.ts';

/** Records for tests, with only what the test is about given. */
export function aRun(given: Partial<RunHeader> = {}): RunHeader {
  return {
    kind: 'run',
    version: 2,
    startedUs: 1_790_000_000_000_000,
    command: ['abreast', 'get'],
    recorders: [{ name: 'get', version: '0.1.0', sees: ['exchange'] }],
    ...given,
  };
}

export function anExchange(given: Partial<Exchange> = {}): Exchange {
  return { kind: 'exchange', id: 1, origin: 'https://example.com', ...given };
}

export function anEnd(given: Partial<End> = {}): End {
  return { kind: 'end', endedUs: 1_000_000, lost: {}, ...given };
}
