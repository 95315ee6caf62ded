import type { BodyMemory } from './bodies/body.ts';
import { type Clock, systemClock } from './clock.ts';
import { type Connect, connector } from './connector.ts';
import { Reputation, Resolver } from './names/index.ts';
import { Proxies } from './open/proxy.ts';
import { Trust } from './open/trust.ts';
import type { Settings } from './settings.ts';

/** What a run sends its requests through. */
export interface Network {
  readonly connect: Connect;
  readonly proxies: Proxies;
  /** Lets go of all that connecting needed. */
  close(): void;
}

/** The network of this machine. @throws TypeError for proxies or certificates that can't be used */
function systemNetwork(settings: Settings, memory: BodyMemory): Network {
  const resolver = new Resolver();
  const proxies = new Proxies(settings.proxy);
  const trust = new Trust(settings.tls);
  const context = { settings, resolver, reputation: new Reputation(), trust, proxies };
  return { connect: connector(context, memory), proxies, close: () => resolver.close() };
}

/** What a run happens in. A simulation has one of its own, in which everything follows from a seed. */
export interface World {
  readonly clock: Clock;
  /** From 0 to 1: back-offs are spread by it. */
  random(): number;
  network(settings: Settings, memory: BodyMemory): Network;
}

/** This machine, with its time and its sockets. */
export const system: World = { clock: systemClock, random: Math.random, network: systemNetwork };
