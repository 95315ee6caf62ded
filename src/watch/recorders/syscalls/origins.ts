import { redactUrl } from '../../../trace/index.ts';
import type { Address } from './arguments.ts';
import type { RequestHead } from './conversation.ts';

/** Where a request without TLS goes: to the origin in its target, as for a proxy, or to its `Host`, or to the other side. */
export function targetOf(
  { target, host }: RequestHead,
  remote: string,
  keepUrls: boolean,
): { readonly origin: string; readonly url: string } {
  const clean = (url: string): string => (keepUrls ? url : redactUrl(url));
  const absolute = /^(https?:\/\/[^/?#]*)/.exec(target);
  if (absolute !== null) {
    const origin = absolute[1]!
      .replace(/^(https?:\/\/).*@/, '$1')
      .replace(/^(http:.*):80$|^(https:.*):443$/, '$1$2');
    return { origin, url: clean(target) };
  }
  const origin = `http://${(host ?? remote).replace(/:80$/, '')}`;
  return { origin, url: clean(origin + target) };
}

/** The origin that TLS is spoken with, by the name in its hello, or by its address. */
export function secureOriginOf(name: string | null, { ip, port }: Address): string {
  const host = name ?? (ip.includes(':') ? `[${ip}]` : ip);
  return port === 443 ? `https://${host}` : `https://${host}:${port}`;
}

/** The host of an origin, without its port. */
export function hostOf(origin: string): string {
  return /^\w+:\/\/(.*?)(?::\d+)?$/.exec(origin)![1]!;
}
