import type { Headers } from './headers.ts';
import type { Job, Origin } from './job.ts';
import type { Proxies } from './open/proxy.ts';
import type { HostLimit } from './options.ts';
import { Pool } from './pool.ts';
import { mostAt } from './queue/hosts.ts';
import { OriginQueue } from './queue/origin-queue.ts';
import { RequestHeads } from './request-heads.ts';
import type { Settings } from './settings.ts';
import type { Target } from './target.ts';

/** The origins of a run, each met once, and the limits that hold at each. */
export class Origins {
  readonly #headers: Headers;
  readonly #proxies: Proxies;
  readonly #origins = new Map<string, Origin>();
  #perOrigin: readonly HostLimit[];
  #perOriginRatePerS: number | null;

  constructor(settings: Settings, headers: Headers, proxies: Proxies) {
    this.#headers = headers;
    this.#proxies = proxies;
    this.#perOrigin = settings.perOrigin;
    this.#perOriginRatePerS = settings.perOriginRatePerS;
  }

  /** What is known of the origin of a URL. */
  of(target: Target): Origin {
    let origin = this.#origins.get(target.origin);
    if (origin === undefined) {
      // To a secure origin the proxy's tunnel leads; it never sees a request.
      const proxy = target.secure ? null : this.#proxies.of(target);
      origin = {
        target,
        queue: new OriginQueue<Job>(this.#perOriginRatePerS),
        pool: new Pool<Job>(),
        heads: new RequestHeads(target, this.#headers, proxy),
      };
      this.#limit(origin);
      this.#origins.set(target.origin, origin);
    }
    return origin;
  }

  /** Other limits than before; one that is left out stays. Gives the origins, which they hold at. */
  relimit(perOrigin?: readonly HostLimit[], ratePerS?: number | null): Iterable<Origin> {
    this.#perOrigin = perOrigin ?? this.#perOrigin;
    this.#perOriginRatePerS = ratePerS ?? this.#perOriginRatePerS;
    for (const origin of this.#origins.values()) this.#limit(origin);
    return this.#origins.values();
  }

  #limit(origin: Origin): void {
    const { queue, target } = origin;
    queue.most = mostAt(target, this.#perOrigin);
    if (this.#perOriginRatePerS !== null) queue.pace?.change(this.#perOriginRatePerS);
  }
}
