import type { BodyMemory } from './bodies/body.ts';
import { type Connect, connector } from './connector.ts';
import { Reputation, Resolver } from './names/index.ts';
import { Proxies } from './open/proxy.ts';
import { Trust } from './open/trust.ts';
import type { Settings } from './settings.ts';

/** What a run sends its requests through: a simulation has its own. */
export interface Network {
  readonly connect: Connect;
  readonly proxies: Proxies;
  /** Lets go of all that connecting needed. */
  close(): void;
}

/** The network of this machine. @throws TypeError for proxies or certificates that can't be used */
export function systemNetwork(settings: Settings, memory: BodyMemory): Network {
  const resolver = new Resolver();
  const proxies = new Proxies(settings.proxy);
  const trust = new Trust(settings.tls);
  const road = { settings, resolver, reputation: new Reputation(), trust, proxies };
  return { connect: connector(road, memory), proxies, close: () => resolver.close() };
}
