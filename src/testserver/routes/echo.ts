import type { ServerExchange } from '../exchange.ts';

/** The request as the server got it, in go-httpbin's shape: what /get answers. */
export function echo(exchange: ServerExchange): Record<string, unknown> {
  return {
    args: argsOf(exchange),
    headers: headersOf(exchange),
    method: exchange.method,
    origin: originOf(exchange),
    url: urlOf(exchange),
  };
}

/** The query as name -> values. */
export function argsOf(exchange: ServerExchange): Record<string, string[]> {
  if (exchange.query === '') return {};
  const args: Record<string, string[]> = Object.create(null);
  for (const [name, value] of new URLSearchParams(exchange.query)) append(args, name, value);
  return sorted(args);
}

/** The fields as Name -> values, in the spelling and the order of Go's net/http. */
export function headersOf(exchange: ServerExchange): Record<string, string[]> {
  const headers: Record<string, string[]> = Object.create(null);
  const { fields } = exchange;
  for (let i = 0; i < fields.length; i += 2) append(headers, spelled(fields[i]!), fields[i + 1]!);
  headers.Host ??= [exchange.host];
  return sorted(headers);
}

/** The client's address; forwarded fields are believed, as go-httpbin believes them. */
export function originOf(exchange: ServerExchange): string {
  const forwarded = exchange.header('x-forwarded-for')?.split(',')[0]?.trim();
  return forwarded || exchange.remoteAddress.replace(/^::ffff:/, '');
}

/** The URL that was asked for. */
export function urlOf(exchange: ServerExchange): string {
  const query = exchange.query === '' ? '' : `?${exchange.query}`;
  return `${exchange.scheme}://${exchange.host}${exchange.path}${query}`;
}

/** Adds a value to those of a name. */
export function append(record: Record<string, string[]>, name: string, value: string): void {
  const before = record[name];
  if (before) before.push(value);
  else record[name] = [value];
}

/** The same with its names in order. */
export function sorted<T>(record: Record<string, T>): Record<string, T> {
  const names = Object.keys(record);
  if (names.length < 2) return record;
  names.sort();
  const result: Record<string, T> = Object.create(null);
  for (const name of names) result[name] = record[name] as T;
  return result;
}

const SPELLINGS = new Map<string, string>();
/** Clients choose the names, so what is remembered of them is bounded. */
const SPELLINGS_KEPT = 1000;

/** user-agent -> User-Agent */
function spelled(name: string): string {
  const known = SPELLINGS.get(name);
  if (known !== undefined) return known;
  const spelling = name.toLowerCase().replace(/(^|-)[a-z]/g, (start) => start.toUpperCase());
  if (SPELLINGS.size < SPELLINGS_KEPT) SPELLINGS.set(name, spelling);
  return spelling;
}
