/** From a host's name to a connection: look-ups that hold no thread, and the race between the addresses they give. */
export { type Address, type Family, literal } from './address.ts';
export { mayResolveLater } from './failure.ts';
export type { LookUpOptions } from './look-up.ts';
export {
  type ConnectTarget,
  checkOverrides,
  connectTarget,
  resolvedByHand,
} from './overrides.ts';
export { Race, type RaceOptions } from './race.ts';
export { Reputation } from './reputation.ts';
export { Resolver } from './resolver.ts';
export { specialPurpose } from './special-purpose.ts';
