import type { Limit, LimitKind } from '../records.ts';

interface LimitV1 {
  readonly name: string;
  readonly value: number;
  readonly where?: string;
}

/** The first that fits says what a limit of version 1 is of. */
const KINDS: readonly (readonly [RegExp, LimitKind])[] = [
  [/^open files$/, 'open-files'],
  [/^libuv threads$|^gevent resolver threads$/, 'name-threads'],
  [/stream/i, 'streams'],
  [/keepalive/i, 'keep-alive'],
  [/pipelining/i, 'pipelining'],
  [/semaphore|bounded|capacitylimiter/i, 'permits'],
  [/per_?(?:host|route|domain|ip)|maxsockets/i, 'connections-per-host'],
  [
    /maxtotalsockets|\bconnections$|connector limit|max_?connections|pool_maxsize|max_?conns|concurrent_requests|max_clients/i,
    'connections',
  ],
  [/max_workers|threadpool|pool size|greenpool|workers|processes|concurrency/i, 'workers'],
  [/limiter|rate|throttl/i, 'rate'],
];

/** 'urllib3 pool_maxsize, block=False', 10, 'program.py:3' */
export function limit({ name, value, where }: LimitV1): Limit {
  const of = name.replace(/, block=(?:True|False)$/, '');
  return {
    kind: KINDS.find(([pattern]) => pattern.test(of))?.[1] ?? 'other',
    size: value,
    of,
    ...(name !== of && { blocks: name.endsWith('True') }),
    ...(where !== undefined && { setAt: where }),
  };
}
