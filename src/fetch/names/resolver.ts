import type { FetchError } from '../errors.ts';
import { type Address, type Family, literal, tryOrder } from './address.ts';
import { isMissing, nameError } from './failure.ts';
import { type Found, LookUp, type LookUpOptions } from './look-up.ts';

/** A name that is looked up again and again is asked for at most this often, whatever its TTL. */
const MIN_KEPT_MS = 5_000;
/** Without a TTL: from hosts, or from the system's library. */
const KEPT_WITHOUT_TTL_MS = 30_000;
/** A name that does not exist may be made (RFC 2308 §5 allows hours); a failure may pass. */
const MISSING_KEPT_MS = 10_000;
const FAILURE_KEPT_MS = 1_000;
/** A run over a million hosts forgets the oldest. */
const MAX_KEPT = 50_000;

/** A cached look-up. */
interface Kept {
  readonly addresses: readonly Address[];
  readonly error?: FetchError;
  readonly untilMs: number;
}

/**
 * The names of a run: looked up side by side without holding a thread, once for all that ask at the same time, and
 * kept while their TTL lasts. Follows the host's own hosts, resolv.conf and nsswitch.conf.
 */
export class Resolver {
  readonly #lookUp: LookUp;
  readonly #kept = new Map<string, Kept>();
  readonly #underWay = new Map<string, Promise<readonly Address[]>>();

  constructor(options: LookUpOptions = {}) {
    this.#lookUp = new LookUp(options);
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
      underWay = this.#ask(key, host, family).finally(() => this.#underWay.delete(key));
      this.#underWay.set(key, underWay);
    }
    return underWay;
  }

  /** Gives up what is under way; nothing is looked up any more. */
  close(): void {
    this.#lookUp.close();
  }

  async #ask(key: string, host: string, family: Family | undefined): Promise<readonly Address[]> {
    const found = await this.#lookUp.find(host, family);
    const untilMs = performance.now() + keptMs(found);
    if (found.error === undefined) {
      const addresses = tryOrder(found.addresses, this.#lookUp.ipv6());
      this.#keep(key, { addresses, untilMs });
      return addresses;
    }
    const old = this.#kept.get(key)?.addresses ?? [];
    // The servers fail, but were heard before: the old answer is better than none (RFC 8767).
    if (old.length > 0 && !isMissing(found.error)) {
      this.#keep(key, { addresses: old, untilMs });
      return old;
    }
    const error = nameError(host, family, found.error, found.servers);
    this.#keep(key, { addresses: [], error, untilMs });
    throw error;
  }

  #keep(key: string, kept: Kept): void {
    this.#kept.delete(key);
    this.#kept.set(key, kept);
    if (this.#kept.size > MAX_KEPT) this.#kept.delete(this.#kept.keys().next().value!);
  }
}

function keptMs({ error, ttl }: Found): number {
  if (error !== undefined) return isMissing(error) ? MISSING_KEPT_MS : FAILURE_KEPT_MS;
  return ttl === undefined ? KEPT_WITHOUT_TTL_MS : Math.max(MIN_KEPT_MS, ttl * 1_000);
}
