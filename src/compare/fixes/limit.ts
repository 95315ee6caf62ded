import type { Limit } from '../../trace/index.ts';
import { enoughFor, type Fix, seen } from './plan.ts';

/** What the probes can make larger: how the names begin that they give to limits, and to classes. */
const RAISABLE =
  /^(asyncio|threading|concurrent\.futures|ThreadPoolExecutor|ProcessPoolExecutor|multiprocessing\.pool|anyio\._backends|anyio\.(CapacityLimiter|Semaphore)|anyio default|trio|gevent\.pool|eventlet|requests|urllib3|httpcore|aiohttp|curl_cffi|tornado|twisted|https?\.Agent|undici (Pool|BalancedPool|RoundRobinPool|Agent))/;
/** What waits for others, or has no use for more. */
const KINDS = new Set<Limit['kind']>(['connections', 'connections-per-host', 'permits', 'workers']);

/** Makes a limit of the program or of a library as large as the number of requests that are wanted at once. */
export const limit: Fix = {
  id: 'limit',
  plan: (cause, verdict) => {
    if (cause.id === 'unread-bodies') return undefined; // a larger pool is used up as well
    const to = enoughFor(verdict);
    const limits = seen(cause, 'limit').map((one) => one.limit);
    const raised = limits.filter(({ kind, of, size }) => KINDS.has(kind) && RAISABLE.test(of) && size < to);
    const [first] = raised;
    if (first === undefined) return undefined;
    return {
      text: `${first.of} is ${to} instead of ${first.size}`,
      load: `Up to ${to} requests at once go to ${originsOf(verdict.groups)}, instead of ${first.size}.`,
      changes: raised.map(({ of, size, setAt = '' }) => ['raise', of, String(size), setAt, String(to)]),
      variables: {},
    };
  },
};

function originsOf(groups: readonly { readonly origin: string | null }[]): string {
  const origins = [...new Set(groups.flatMap(({ origin }) => origin ?? []))];
  return origins.length === 1 ? origins[0]! : 'the servers';
}

/** Whether a limit is one that a change was to raise. */
export function isRaisedBy(
  changes: readonly (readonly string[])[],
  { of, size, setAt = '' }: Limit,
): boolean {
  return changes.some(
    ([name, what, old, line]) =>
      name === 'raise' && what === of && old === String(size) && (line === '' || line === setAt),
  );
}
