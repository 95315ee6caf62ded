import { replyJson } from '../answers.ts';
import type { RouteEntry, ServerExchange } from '../exchange.ts';
import { queryOf, wholeNumber } from './parameters.ts';

/** A list that is longer than an answer. */
export const ITEMS: readonly RouteEntry[] = [
  {
    pattern: '/items/:count',
    about: '?size=20&kind=chair: so many things, page by page; where the next is, in Link and as a cursor',
    route: items,
  },
];

const MOST_ITEMS = 1_000_000;
const MOST_ON_PAGE = 1000;
const KINDS: readonly string[] = ['chair', 'lamp', 'rug', 'shelf', 'table'];

function items(exchange: ServerExchange, wanted: string): void {
  const query = queryOf(exchange);
  const count = wholeNumber('count', wanted, 0, MOST_ITEMS);
  const size = wholeNumber('size', query.get('size') || '20', 1, MOST_ON_PAGE);
  const after = wholeNumber('after', query.get('after') || '0', 0, MOST_ITEMS);
  const kind = query.get('kind');
  // Things of one kind are that many apart.
  const step = kind === null ? 1 : KINDS.length;
  const first = kind === null ? 1 : KINDS.indexOf(kind) + 1;
  const total = first === 0 || first > count ? 0 : Math.floor((count - first) / step) + 1;
  const skipped = after < first ? 0 : Math.floor((after - first) / step) + 1;
  const onPage = Math.max(0, Math.min(size, total - skipped));
  const page = Array.from({ length: onPage }, (_, at) => thing(first + (skipped + at) * step));
  const next = skipped + onPage < total ? String(page.at(-1)!.id) : null;
  replyJson(exchange, { items: page, total, next }, 200, ...linkTo(exchange, query, next));
}

function thing(id: number) {
  const kind = KINDS[(id - 1) % KINDS.length]!;
  return { id, name: `${kind} ${id}`, kind, price: ((id * 7919) % 50_000) / 100 };
}

/** RFC 8288: relative, so that it is right whatever the server is called. */
function linkTo({ path }: ServerExchange, query: URLSearchParams, next: string | null): string[] {
  if (next === null) return [];
  const following = new URLSearchParams(query);
  following.set('after', next);
  return ['Link', `<${path}?${following}>; rel="next"`];
}
