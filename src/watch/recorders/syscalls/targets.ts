import { redactUrl } from '../../../trace/index.ts';
import type { RequestHead } from './conversation.ts';

/** Where a request in the clear goes: what it names itself, as for a proxy, or its `Host`, or else the other side. */
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
