/** Ports of the arena, on every address of 127.0.0.0/8 but for `closed`. */
export interface Ports {
  readonly plain: number;
  readonly tls: number;
  readonly proxy: number;
  /** Connections to any address but 127.0.0.1 are refused. */
  readonly closed: number;
  /** Connections are taken by the kernel, then by nobody. */
  readonly silent: number;
}

/** Addresses that many cases share, so that their answers follow each other on one connection. */
const SHARED = 8;

/** The address of a case alone: 127.64.0.0 and up. */
export function ownHost(number: number): string {
  return `127.${64 + ((number >> 16) & 63)}.${(number >> 8) & 255}.${number & 255}`;
}

/** One of the addresses that many cases share. */
export function sharedHost(which: number): string {
  return `127.1.0.${1 + (which % SHARED)}`;
}

/** The number of the case whose own address this is; null for any other. */
export function caseAt(address: string): number | null {
  const [, second, third, fourth] = address
    .replace(/^::ffff:/, '')
    .split('.')
    .map(Number);
  if (second === undefined || second < 64 || second > 127) return null;
  return ((second - 64) << 16) | (third! << 8) | fourth!;
}

/** Path of a request: which case, which of its requests, and anything else. */
export function pathOf(number: number, ask: number, rest = ''): string {
  return `/${number}/${ask}${rest}`;
}

/** Reads a path of pathOf(); null when it is none. */
export function readPath(path: string): { number: number; ask: number; rest: string } | null {
  const [, number, ask, rest] = /^\/(\d+)\/(\d+)(.*)$/s.exec(path) ?? [];
  return number === undefined ? null : { number: Number(number), ask: Number(ask), rest: rest! };
}
