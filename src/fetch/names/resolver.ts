import { lookup } from 'node:dns';
import { hostname } from 'node:os';
import type { FetchError } from '../errors.ts';
import { type Address, type Family, hostIpv6, type Ipv6, literal, tryOrder } from './address.ts';
import { Channels, serverAt } from './channels.ts';
import { nameError } from './failure.ts';
import { type Plan, planFor } from './nsswitch.ts';
import { type Ask, askName, type NameAnswer } from './question.ts';
import { candidates } from './resolv-conf.ts';
import { SystemFiles, type SystemPaths } from './system-files.ts';

export interface ResolverOptions {
  /** Other files than those of /etc. */
  readonly paths?: Partial<SystemPaths>;
  /** The port of the name servers (53). */
  readonly dnsPort?: number;
  /** What IPv6 the host speaks, when its addresses don't say. */
  readonly ipv6?: Ipv6;
  /** One look-up, search list and retries included (9,000: it speaks before a connect timeout of 10 s does). */
  readonly timeoutMs?: number;
}

/** A name that is looked up again and again is asked for at most this often, whatever its TTL. */
const MIN_KEPT_MS = 5_000;
/** Without a TTL: from hosts, or from the system's library. */
const KEPT_WITHOUT_TTL_MS = 30_000;
/** A name that does not exist may be made (RFC 2308 §5 allows hours); a failure may pass. */
const MISSING_KEPT_MS = 10_000;
const FAILURE_KEPT_MS = 1_000;
/** A run over a million hosts forgets the oldest. */
const MAX_KEPT = 50_000;

/** A finished look-up, as it is kept. */
interface Kept {
  readonly addresses: readonly Address[];
  readonly error?: FetchError;
  readonly untilMs: number;
}

/** What a look-up found: addresses with their TTL in seconds, or the code of the failure. */
interface Found {
  readonly addresses: readonly Address[];
  readonly ttl?: number;
  readonly error?: string;
  readonly servers?: readonly string[];
}

/** The name does not exist, or has no address: asking again soon gives the same. */
const MISSING = new Set(['ENOTFOUND', 'ENODATA', 'EBADNAME', 'EAI_NONAME', 'EAI_NODATA']);

/**
 * The names of a run: looked up side by side without holding a thread, once for all that ask at the same time, and
 * kept while their TTL lasts. Follows the host's own hosts, resolv.conf and nsswitch.conf.
 */
export class Resolver {
  readonly #files: SystemFiles;
  readonly #dnsPort: number;
  readonly #ipv6: Ipv6 | undefined;
  readonly #timeoutMs: number;
  readonly #kept = new Map<string, Kept>();
  readonly #underWay = new Map<string, Promise<readonly Address[]>>();
  #channels: { readonly all: Channels; readonly servers: string } | undefined;
  #closed = false;

  constructor({ paths, dnsPort = 53, ipv6, timeoutMs = 9_000 }: ResolverOptions = {}) {
    this.#files = new SystemFiles(paths);
    this.#dnsPort = dnsPort;
    this.#ipv6 = ipv6;
    this.#timeoutMs = timeoutMs;
  }

  /**
   * The addresses of a host, in the order to try them: at once when they are known, never empty. Ask each time a
   * connection is opened; a known name costs a look into a map.
   * @param family only this one @throws (as rejection) FetchError 'dns', whose cause has the resolver's code
   */
  resolve(host: string, family?: Family): readonly Address[] | Promise<readonly Address[]> {
    const written = literal(host);
    if (written && (family === undefined || written.family === family)) return [written];
    const key = family === undefined ? host : `${host}/${family}`;
    const kept = this.#kept.get(key);
    if (kept && kept.untilMs > performance.now())
      return kept.error ? Promise.reject(kept.error) : kept.addresses;
    let underWay = this.#underWay.get(key);
    if (!underWay) {
      underWay = this.#lookUp(key, host, family, kept).finally(() => this.#underWay.delete(key));
      this.#underWay.set(key, underWay);
    }
    return underWay;
  }

  /** Gives up what is under way; nothing is looked up any more. */
  close(): void {
    this.#closed = true;
    this.#channels?.all.close();
  }

  async #lookUp(
    key: string,
    host: string,
    family: Family | undefined,
    old: Kept | undefined,
  ): Promise<readonly Address[]> {
    const found = await this.#find(host, family);
    const missing = found.error === undefined || MISSING.has(found.error);
    // The servers fail, but were heard before: the old answer is better than none (RFC 8767).
    const stale = !missing && old?.addresses.length ? old.addresses : undefined;
    const error =
      found.error !== undefined && !stale ? nameError(host, family, found.error, found.servers) : undefined;
    const addresses = stale ?? tryOrder(found.addresses, this.#speaks());
    this.#keep(key, { addresses, untilMs: performance.now() + keptMs(found), ...(error && { error }) });
    if (error) throw error;
    return addresses;
  }

  async #find(host: string, family: Family | undefined): Promise<Found> {
    const written = literal(host);
    if (written) {
      return family === undefined || written.family === family
        ? { addresses: [written] }
        : { addresses: [], error: 'EADDRFAMILY' };
    }
    if (this.#closed) return { addresses: [], error: 'ECANCELLED' };
    const plan: Plan =
      process.platform === 'linux' ? planFor(host, this.#files.nsswitch(), hostname()) : 'system';
    if (isLocalhost(host)) return this.#localhost(host, family);
    if (plan === 'system') return bySystem(host, family);
    let found: Found = { addresses: [], error: 'ENOTFOUND' };
    for (const source of plan) {
      found = source === 'files' ? this.#byHosts(host, family) : await this.#byDns(host, family);
      if (!found.error) break;
    }
    return found;
  }

  #speaks(): Ipv6 {
    return this.#ipv6 ?? hostIpv6();
  }

  #byHosts(host: string, family: Family | undefined): Found {
    const all = this.#files.hosts().get(host.toLowerCase().replace(/\.$/, '')) ?? [];
    const addresses = family === undefined ? all : all.filter((a) => a.family === family);
    return addresses.length > 0 ? { addresses } : { addresses, error: 'ENOTFOUND' };
  }

  /** RFC 6761 §6.3: never asked of DNS. */
  #localhost(host: string, family: Family | undefined): Found {
    const listed = this.#byHosts(host, family);
    if (!listed.error) return listed;
    const both: readonly Address[] = [
      { address: '127.0.0.1', family: 4 },
      { address: '::1', family: 6 },
    ];
    return { addresses: family === undefined ? both : both.filter((a) => a.family === family) };
  }

  async #byDns(host: string, family: Family | undefined): Promise<Found> {
    const conf = this.#files.resolvConf();
    const channels = this.#channelsTo(conf.servers);
    const deadline = performance.now() + this.#timeoutMs;
    let worst: Found = { addresses: [], error: 'ENOTFOUND', servers: conf.servers };
    for (const name of candidates(host, conf)) {
      const left = deadline - performance.now();
      const found = await within(left, askName(channels, name, this.#ask(family)));
      if (!found.error) return { addresses: found.addresses, ttl: found.partial ? 0 : found.ttl };
      // As libc: a silent server is not asked for the next name; an answer of any kind goes on to it.
      if (!MISSING.has(found.error) && found.error !== 'ESERVFAIL')
        return { ...found, servers: conf.servers };
      if (found.error !== 'ENOTFOUND') worst = { ...found, servers: conf.servers };
    }
    return worst;
  }

  /** AAAA is asked for first thing only where the host has IPv6 (AI_ADDRCONFIG): it halves the questions elsewhere. */
  #ask(family: Family | undefined): Ask {
    if (family !== undefined) return { together: false, families: [family] };
    return { together: this.#speaks() !== 'none', families: [4, 6] };
  }

  #channelsTo(servers: readonly string[]): Channels {
    const joined = servers.join(' ');
    if (this.#channels?.servers !== joined) {
      this.#channels = { all: new Channels(servers.map((s) => serverAt(s, this.#dnsPort))), servers: joined };
    }
    return this.#channels.all;
  }

  #keep(key: string, kept: Kept): void {
    this.#kept.delete(key);
    this.#kept.set(key, kept);
    if (this.#kept.size > MAX_KEPT) this.#kept.delete(this.#kept.keys().next().value!);
  }
}

function isLocalhost(host: string): boolean {
  return /(^|\.)localhost\.?$/i.test(host);
}

function keptMs({ error, ttl }: Found): number {
  if (error !== undefined) return MISSING.has(error) ? MISSING_KEPT_MS : FAILURE_KEPT_MS;
  return ttl === undefined ? KEPT_WITHOUT_TTL_MS : Math.max(MIN_KEPT_MS, ttl * 1_000);
}

/** The system's library: two at a time, as libuv has two threads for what is slow. */
function bySystem(host: string, family: Family | undefined): Promise<Found> {
  return new Promise((resolve) => {
    lookup(host, { all: true, family: family ?? 0, order: 'verbatim' }, (error, addresses) => {
      if (error) resolve({ addresses: [], error: error.code ?? 'EAI_FAIL' });
      else
        resolve({
          addresses: addresses.map((a) => ({ address: a.address, family: a.family === 6 ? 6 : 4 })),
        });
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
