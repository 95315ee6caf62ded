import { isIP } from 'node:net';

/** What resolv.conf(5) says of how a name is asked for. */
export interface ResolvConf {
  /** Addresses of name servers, first choice first. */
  readonly servers: readonly string[];
  /** Domains under which a short name is looked for. */
  readonly search: readonly string[];
  /** A name with fewer dots is tried under `search` first. */
  readonly ndots: number;
}

/**
 * Reads resolv.conf(5). Without a name server it is the one on this host; without search or domain, what follows the
 * first dot of the host's own name. `timeout` and `attempts` are left out on purpose: ours adapt to the server.
 */
export function parseResolvConf(text: string, hostname: string): ResolvConf {
  const servers: string[] = [];
  let search: readonly string[] | undefined;
  let ndots = 1;
  for (const line of text.split('\n')) {
    const [word, ...values] = line
      .replace(/^\s*[#;].*/, '')
      .trim()
      .split(/\s+/);
    if (word === 'nameserver' && values[0] && isIP(values[0])) servers.push(values[0]);
    if (word === 'search' || word === 'domain')
      search = values.map(withoutRootDot).filter((domain) => domain !== '');
    if (word === 'options') {
      for (const option of values)
        if (/^ndots:\d+$/.test(option)) ndots = Math.min(15, Number(option.slice(6)));
    }
  }
  const own = hostname.slice(hostname.indexOf('.') + 1);
  return {
    servers: servers.length > 0 ? servers : ['127.0.0.1'],
    search: search ?? (own !== hostname && own !== '' ? [own] : []),
    ndots,
  };
}

/** The full names that `name` may stand for, in the order they are asked (resolv.conf(5), search and ndots). */
export function candidates(name: string, conf: ResolvConf): readonly string[] {
  if (name.endsWith('.')) return [withoutRootDot(name)];
  const dots = name.split('.').length - 1;
  const under = conf.search.map((domain) => `${name}.${domain}`);
  return dots >= conf.ndots ? [name, ...under] : [...under, name];
}

function withoutRootDot(name: string): string {
  return name.endsWith('.') ? name.slice(0, -1) : name;
}
