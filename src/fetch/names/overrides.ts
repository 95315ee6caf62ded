import { type Address, type Family, literal } from './address.ts';

/** Where a connection goes instead. */
export interface ConnectTarget {
  readonly host: string;
  readonly port: number;
}

/**
 * The addresses that `resolve` gives for host and port, as curl's --resolve: the host alone, else '*'; undefined when
 * it says nothing of them. Empty when none is of `family`.
 */
export function resolvedByHand(
  resolve: Readonly<Record<string, readonly string[]>>,
  host: string,
  port: number,
  family?: Family,
): readonly Address[] | undefined {
  const written = resolve[key(host, port)] ?? resolve[`*:${port}`];
  if (!written) return undefined;
  const addresses = written.map(addressOf);
  return family === undefined ? addresses : addresses.filter((a) => a.family === family);
}

/**
 * Where to connect for host and port, as curl's --connect-to: an empty part of the left side means any, an empty
 * part of the right side for what it was. The first that fits counts.
 */
export function connectTarget(
  connectTo: Readonly<Record<string, string>>,
  host: string,
  port: number,
): ConnectTarget {
  for (const [from, to] of Object.entries(connectTo)) {
    const wanted = split(from, 'connectTo');
    if (wanted.host !== '' && bare(wanted.host) !== bare(host)) continue;
    if (wanted.port !== '' && Number(wanted.port) !== port) continue;
    const given = split(to, 'connectTo');
    return { host: given.host || host, port: given.port === '' ? port : Number(given.port) };
  }
  return { host, port };
}

/** Checks the options `resolve` and `connectTo` as a caller may give them. @throws TypeError naming the entry */
export function checkOverrides(
  resolve: Readonly<Record<string, readonly string[]>>,
  connectTo: Readonly<Record<string, string>>,
): void {
  for (const [name, addresses] of Object.entries(resolve)) {
    const { port } = split(name, 'resolve');
    if (!isPort(port)) throw new TypeError(`resolve: ${name} should be 'host:port'`);
    for (const address of addresses) addressOf(address);
  }
  for (const side of Object.entries(connectTo).flat()) {
    const { port } = split(side, 'connectTo');
    if (port !== '' && !isPort(port)) throw new TypeError(`connectTo: ${side} should be 'host:port'`);
  }
}

function addressOf(text: string): Address {
  const address = literal(text);
  if (!address) throw new TypeError(`resolve: ${text} is no IP address`);
  return address;
}

function split(text: string, option: string): { readonly host: string; readonly port: string } {
  const match = /^(\[[^\]]*\]|[^:[\]]*):(\d*)$/.exec(text);
  if (!match) throw new TypeError(`${option}: ${text} should be 'host:port'`);
  return { host: match[1]!, port: match[2]! };
}

function key(host: string, port: number): string {
  return `${bare(host)}:${port}`;
}

/** Hosts are compared in lower case; an IPv6 literal is written in brackets, as in a URL. */
function bare(host: string): string {
  const lower = host.toLowerCase();
  return lower.includes(':') && !lower.startsWith('[') ? `[${lower}]` : lower;
}

function isPort(text: string): boolean {
  return /^\d+$/.test(text) && Number(text) >= 1 && Number(text) <= 65_535;
}
