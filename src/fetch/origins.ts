import type { Headers } from './headers.ts';
import type { Job, Origin } from './job.ts';
import type { Proxies } from './open/proxy.ts';
import type { HostLimit } from './options.ts';
import { Pool } from './pool.ts';
import { limitAt, mostAt } from './queue/hosts.ts';
import { OriginQueue } from './queue/origin-queue.ts';
import { RequestHeads } from './request-heads.ts';
import type { OriginState } from './run.ts';
import type { Settings } from './settings.ts';
import type { Target } from './target.ts';

/** The origins of a run, each met once, and the limits that hold at each. */
export class Origins {
  readonly #headers: Headers;
  readonly #proxies: Proxies;
  readonly #origins = new Map<string, Origin>();
  #perOrigin: readonly HostLimit[];
  #perOriginRatePerS: number | null;
  /** Pauses of origins that were not met yet. */
  readonly #paused = new Map<string, number>();

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
      origin.queue.pausedUntil = this.#paused.get(target.origin) ?? Number.NEGATIVE_INFINITY;
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

  /** Those that have requests, or are paused. */
  states(now: number): readonly OriginState[] {
    return [...this.#origins].flatMap(
      ([
        origin,
        {
          target,
          queue: { active, pausedUntil },
        },
      ]) => {
        const pausedMs = Math.max(0, pausedUntil - now);
        if (active === 0 && pausedMs === 0) return [];
        const limitedBy = limitAt(target, this.#perOrigin)?.[0] ?? null;
        return [{ origin, limitedBy, active, pausedMs }];
      },
    );
  }

  /** An origin by its name; undefined, and its pause kept, where nothing was asked of it yet. */
  paused(name: string, until: number): Origin | undefined {
    const origin = this.#origins.get(name);
    if (origin === undefined) this.#paused.set(name, Math.max(until, this.#paused.get(name) ?? until));
    return origin;
  }

  #limit(origin: Origin): void {
    const { queue, target } = origin;
    queue.most = mostAt(target, this.#perOrigin);
    if (this.#perOriginRatePerS !== null) queue.pace?.change(this.#perOriginRatePerS);
  }
}
