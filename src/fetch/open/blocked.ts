import { FetchError } from '../errors.ts';
import { type Address, literal, specialPurpose } from '../names/index.ts';
import { option } from '../option-names.ts';

/** Those of the addresses that belong to the public internet. */
export function publicOnly(addresses: readonly Address[]): readonly Address[] {
  return addresses.filter((address) => specialPurpose(address) === null);
}

/**
 * The refusal of a host that a proxy is to connect to, as far as its name alone tells: an address, or localhost
 * (RFC 6761 §6.3). Every other name is looked up by the proxy. null when nothing speaks against it.
 */
export function blockedByName(host: string): FetchError | null {
  const address = /(^|\.)localhost\.?$/i.test(host) ? literal('127.0.0.1') : literal(host);
  return address === undefined || specialPurpose(address) === null ? null : blocked(host, [address]);
}

/** No address of a host may be connected to. */
export function blocked(host: string, addresses: readonly Address[]): FetchError {
  const each = addresses.map((address) => `${address.address} is not public (${specialPurpose(address)})`);
  return new FetchError(
    'blocked-address',
    `no connection to ${host}: ${each.join(', ')}; leave out ${option('blockPrivate')} to allow it`,
  );
}
