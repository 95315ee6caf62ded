import { lookup } from 'node:dns';
import { hostname } from 'node:os';
import { type Address, type Family, hostIpv6, type Ipv6, literal } from './address.ts';
import { isMissing } from './failure.ts';
import { NameServers } from './name-servers.ts';
import { type Plan, planFor } from './nsswitch.ts';
import { type Ask, askName, type NameAnswer } from './question.ts';
import { candidates } from './resolv-conf.ts';
import { SystemFiles, type SystemPaths } from './system-files.ts';

export interface LookUpOptions {
  /** Other files than those of /etc. */
  readonly paths?: Partial<SystemPaths>;
  /** The port of the name servers (53). */
  readonly dnsPort?: number;
  /** What IPv6 the host speaks, when its addresses don't say. */
  readonly ipv6?: Ipv6;
  /** One look-up, search list and retries included (9,000: it speaks before a connect timeout of 10 s does). */
  readonly timeoutMs?: number;
}

/** What a look-up found: addresses, or the code of the failure. */
export interface Found {
  readonly addresses: readonly Address[];
  /** Seconds; absent where the source has no such thing. */
  readonly ttl?: number;
  readonly error?: string;
  /** The name servers that were asked. */
  readonly servers?: readonly string[];
}

/** Reading the host's own addresses costs as much as a look-up: 70 us. */
const IPV6_KEPT_MS = 5_000;

/** One look-up after the other, from where this host says that names are to be had; nothing is kept. */
export class LookUp {
  readonly #files: SystemFiles;
  readonly #dnsPort: number;
  readonly #timeoutMs: number;
  readonly #ownName = hostname();
  #asked: { readonly servers: NameServers; readonly addresses: string } | undefined;
  #closed = false;
  /** What IPv6 the host speaks now. */
  readonly ipv6: () => Ipv6;

  constructor({ paths, dnsPort = 53, ipv6, timeoutMs = 9_000 }: LookUpOptions) {
    this.#files = new SystemFiles(this.#ownName, paths);
    this.#dnsPort = dnsPort;
    this.#timeoutMs = timeoutMs;
    this.ipv6 = ipv6 === undefined ? keptFor(IPV6_KEPT_MS, hostIpv6) : () => ipv6;
  }

  /** Looks a host up; a failure is an answer too. */
  async find(host: string, family: Family | undefined): Promise<Found> {
    const written = literal(host);
    if (written) return ofFamily([written], family, 'EADDRFAMILY');
    if (this.#closed) return { addresses: [], error: 'ECANCELLED' };
    if (/(^|\.)localhost\.?$/i.test(host)) return this.#localhost(host, family);
    const plan: Plan =
      process.platform === 'linux' ? planFor(host, this.#files.nsswitch(), this.#ownName) : 'system';
    if (plan === 'system') return bySystem(host, family);
    let found: Found = { addresses: [], error: 'ENOTFOUND' };
    for (const source of plan) {
      found = source === 'files' ? this.#byHosts(host, family) : await this.#byDns(host, family);
      if (!found.error) break;
    }
    return found;
  }

  /** Gives up what is under way; nothing is looked up any more. */
  close(): void {
    this.#closed = true;
    this.#asked?.servers.close();
  }

  #byHosts(host: string, family: Family | undefined): Found {
    return ofFamily(
      this.#files.hosts().get(host.toLowerCase().replace(/\.$/, '')) ?? [],
      family,
      'ENOTFOUND',
    );
  }

  /** RFC 6761 §6.3: never asked of DNS. */
  #localhost(host: string, family: Family | undefined): Found {
    const listed = this.#byHosts(host, family);
    return listed.error ? ofFamily([literal('127.0.0.1')!, literal('::1')!], family, 'ENOTFOUND') : listed;
  }

  async #byDns(host: string, family: Family | undefined): Promise<Found> {
    const conf = this.#files.resolvConf();
    const { servers } = conf;
    const nameServers = this.#nameServers(servers);
    const deadline = performance.now() + this.#timeoutMs;
    let failure: Found = { addresses: [], error: 'ENOTFOUND', servers };
    for (const name of candidates(host, conf)) {
      const left = deadline - performance.now();
      const found = await within(left, askName(nameServers, name, this.#ask(family)));
      if (!found.error) return { addresses: found.addresses, ttl: found.partial ? 0 : found.ttl };
      // As libc: a silent server is not asked for the next name; an answer of any kind goes on to it.
      if (!isMissing(found.error) && found.error !== 'ESERVFAIL') return { ...found, servers };
      if (found.error !== 'ENOTFOUND') failure = { ...found, servers };
    }
    return failure;
  }

  /** AAAA is asked for first thing only where the host has IPv6 (AI_ADDRCONFIG): it halves the questions elsewhere. */
  #ask(family: Family | undefined): Ask {
    if (family !== undefined) return { together: false, families: [family] };
    return { together: this.ipv6() !== 'none', families: [4, 6] };
  }

  #nameServers(addresses: readonly string[]): NameServers {
    const joined = addresses.join(' ');
    if (this.#asked?.addresses !== joined)
      this.#asked = { servers: new NameServers(addresses, this.#dnsPort), addresses: joined };
    return this.#asked.servers;
  }
}

function ofFamily(all: readonly Address[], family: Family | undefined, error: string): Found {
  const addresses = family === undefined ? all : all.filter((address) => address.family === family);
  return addresses.length > 0 ? { addresses } : { addresses, error };
}

/** The system's library: two at a time, as libuv has two threads for what is slow. */
function bySystem(host: string, family: Family | undefined): Promise<Found> {
  return new Promise((resolve) => {
    lookup(host, { all: true, family: family ?? 0, order: 'verbatim' }, (error, addresses) => {
      if (error) resolve({ addresses: [], error: error.code ?? 'EAI_FAIL' });
      else resolve({ addresses: addresses.map(({ address }) => literal(address) ?? { address, family: 6 }) });
    });
  });
}

/** The answer, or ETIMEOUT. */
function within(ms: number, answer: Promise<NameAnswer>): Promise<NameAnswer> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve({ addresses: [], ttl: 0, error: 'ETIMEOUT', partial: false }), ms);
    answer.then((value) => {
      clearTimeout(timer);
      resolve(value);
    });
  });
}

function keptFor<T>(ms: number, read: () => T): () => T {
  let value: T;
  let untilMs = Number.NEGATIVE_INFINITY;
  return () => {
    if (performance.now() >= untilMs) {
      value = read();
      untilMs = performance.now() + ms;
    }
    return value;
  };
}
