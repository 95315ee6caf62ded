import { unquote } from './payload.ts';

/** Where a socket is or goes to. */
export interface Address {
  /** 'address:port', IPv6 in brackets; 'unix:PATH'. */
  readonly text: string;
  readonly family: 'ip' | 'unix';
  readonly ip: string;
  /** 0 for a Unix socket. */
  readonly port: number;
}

/** The number after the bracket: for most calls, the descriptor. NaN: none. */
export function firstNumber(text: string): number {
  return Number.parseInt(text.slice(text.indexOf('(') + 1), 10);
}

/** The argument at `index` (from 0) of a call whose arguments before it hold no commas; NaN: not a number. */
export function numberAt(text: string, index: number): number {
  let at = text.indexOf('(') + 1;
  for (let skipped = 0; skipped < index; skipped++) at = text.indexOf(', ', at) + 2;
  return Number.parseInt(text.slice(at, at + 20), 10);
}

const IPV4 = /sa_family=AF_INET, sin_port=htons\((\d+)\), sin_addr=inet_addr\("([^"]*)"\)/;
const IPV6 = /sa_family=AF_INET6, sin6_port=htons\((\d+)\),.*?inet_pton\(AF_INET6, "([^"]*)"/;
const UNIX = /sa_family=AF_UNIX, sun_path=(@?)"([^"]*)"/;

/** The socket address in a call; null: none, or of a family that carries no requests. */
export function address(text: string): Address | null {
  const at = text.indexOf('sa_family=');
  if (at < 0) return null;
  const part = text.slice(at, at + 600);
  const v4 = IPV4.exec(part);
  if (v4 !== null) return ipAddress(unquote(v4[2]!), Number(v4[1]));
  const v6 = IPV6.exec(part);
  if (v6 !== null) return ipAddress(unquote(v6[2]!), Number(v6[1]));
  const unix = UNIX.exec(part);
  if (unix === null) return null;
  const path = `${unix[1]}${unquote(unix[2]!)}`;
  return { text: `unix:${path}`, family: 'unix', ip: '', port: 0 };
}

/** IPv4 in IPv6 (::ffff:1.2.3.4, RFC 4291 §2.5.5.2) is IPv4: the two name one peer. */
function ipAddress(ip: string, port: number): Address {
  const plain = ip.startsWith('::ffff:') && ip.includes('.') ? ip.slice(7) : ip;
  const text = plain.includes(':') ? `[${plain}]:${port}` : `${plain}:${port}`;
  return { text, family: 'ip', ip: plain, port };
}

/** The descriptors of poll and ppoll: '[{fd=5, events=POLLIN}, …]'. */
export function polled(text: string): number[] {
  return [...text.matchAll(/\{fd=(\d+), events=/g)].map((match) => Number(match[1]));
}

/** Those that poll, ppoll said are ready, and for what. */
export function pollResults(result: string): { fd: number; writable: boolean; readable: boolean }[] {
  return [...result.matchAll(/\{fd=(\d+), revents=([A-Z|]+)/g)].map((match) => ({
    fd: Number(match[1]),
    writable: match[2]!.includes('POLLOUT'),
    readable: /POLLIN|POLLHUP|POLLERR/.test(match[2]!),
  }));
}

/** The descriptors of select and pselect6: 'select(8, [3 5], [4], NULL, …'. */
export function selected(text: string): number[] {
  const found = new Set<number>();
  for (const set of text.matchAll(/\[([\d ]+)\]/g)) {
    for (const fd of set[1]!.split(' ')) if (fd !== '') found.add(Number(fd));
  }
  return [...found];
}

/** What epoll_wait gave: '[{events=EPOLLIN, data={u32=5, u64=5}}]'; the key is the 64-bit one, as text. */
export function epollResults(text: string): { key: string; writable: boolean; readable: boolean }[] {
  return [...text.matchAll(/\{events=([A-Z0-9x|]+), data=(?:\{u32=\d+, u64=)?([\da-fx]+)/g)].map((match) => ({
    key: match[2]!,
    writable: match[1]!.includes('EPOLLOUT'),
    readable: /EPOLLIN|EPOLLHUP|EPOLLRDHUP|EPOLLERR/.test(match[1]!),
  }));
}

/** The strings of execve's second argument. */
export function argv(text: string): string[] {
  const open = text.indexOf(', [');
  const close = text.indexOf(']', open);
  if (open < 0 || close < 0) return [];
  return [...text.slice(open, close).matchAll(/"([^"]*)"/g)].map((match) => unquote(match[1]!));
}
