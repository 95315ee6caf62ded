import { generate } from 'selfsigned';

/** A certificate and its key, both PEM. */
export interface Pair {
  readonly cert: string;
  readonly key: string;
}

export interface CertificateOptions {
  readonly commonName: string;
  /** DNS names it is for. */
  readonly names?: readonly string[];
  readonly addresses?: readonly string[];
  readonly from?: Date;
  readonly to?: Date;
  /** Who signs it; without, itself. */
  readonly issuer?: Pair;
  /** May sign others. */
  readonly isAuthority?: boolean;
  /** May prove a client only. */
  readonly isForClients?: boolean;
  /** RSA of so many bits, instead of P-256. */
  readonly rsaBits?: number;
  /** What its signature is made over ('sha256'). */
  readonly digest?: string;
}

const DAY_MS = 86_400_000;

/** A certificate as a test wants it. */
export async function certificate(options: CertificateOptions): Promise<Pair> {
  const {
    commonName,
    names = [],
    addresses = [],
    issuer,
    isAuthority = false,
    rsaBits,
    digest = 'sha256',
  } = options;
  const made = await generate([{ name: 'commonName', value: commonName }], {
    ...(rsaBits === undefined ? { keyType: 'ec' } : { keyType: 'rsa', keySize: rsaBits }),
    algorithm: digest,
    notBeforeDate: options.from ?? new Date(Date.now() - DAY_MS),
    notAfterDate: options.to ?? new Date(Date.now() + DAY_MS),
    extensions: [
      { name: 'basicConstraints', cA: isAuthority, critical: true },
      ...(options.isForClients ? [{ name: 'extKeyUsage' as const, clientAuth: true }] : []),
      ...(names.length + addresses.length === 0
        ? []
        : [
            {
              name: 'subjectAltName' as const,
              altNames: [
                ...names.map((value) => ({ type: 2 as const, value })),
                ...addresses.map((ip) => ({ type: 7 as const, ip })),
              ],
            },
          ]),
    ],
    ...(issuer && { ca: issuer }),
  });
  return { cert: made.cert, key: made.private };
}
