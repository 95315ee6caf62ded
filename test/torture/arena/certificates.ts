import tls from 'node:tls';
import { certificate, type Pair } from '../../fetch/certificates.ts';

/** Host names of the arena, each with a certificate of its own kind. */
export const NAMED = {
  good: 'good.torture.test',
  expired: 'expired.torture.test',
  future: 'future.torture.test',
  wrongHost: 'wrong-host.torture.test',
  unknown: 'unknown.torture.test',
  noName: 'no-name.torture.test',
} as const;

/** Certificates of the arena. */
export interface Certificates {
  /** Nobody trusts it. */
  readonly own: Pair;
  /** The authority that a careful client is told to trust. */
  readonly trusted: string;
  /** By the name that a client asks for. */
  readonly contexts: ReadonlyMap<string, tls.SecureContext>;
}

const DAY_MS = 86_400_000;

export async function makeCertificates(): Promise<Certificates> {
  const issuer = await certificate({ commonName: 'torture authority', isAuthority: true });
  const named = async (name: string, names: readonly string[], fromDays = -1, toDays = 1) =>
    [
      name,
      tls.createSecureContext(
        await certificate({ commonName: name, names, from: at(fromDays), to: at(toDays), issuer }),
      ),
    ] as const;
  return {
    own: await certificate({ commonName: 'torture', names: ['localhost'] }),
    trusted: issuer.cert,
    contexts: new Map([
      await named(NAMED.good, [NAMED.good]),
      await named(NAMED.expired, [NAMED.expired], -9, -2),
      await named(NAMED.future, [NAMED.future], 2, 9),
      await named(NAMED.wrongHost, ['other.torture.test']),
      await named(NAMED.noName, []),
    ]),
  };
}

function at(days: number): Date {
  return new Date(Date.now() + days * DAY_MS);
}
