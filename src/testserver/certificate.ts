import { isIP } from 'node:net';

/** A certificate and its key, both PEM. */
export interface Certificate {
  readonly cert: string;
  readonly key: string;
}

/** What a certificate says of itself. */
export interface CertificateOptions {
  /** Host names and IP addresses besides localhost, 127.0.0.1 and ::1. */
  readonly names?: readonly string[];
  /** Names only these, without the local ones: the way to a certificate for the wrong host. */
  readonly onlyNames?: readonly string[];
  /** Valid from (yesterday). */
  readonly notBefore?: Date;
  /** Valid until (in a year); a date in the past makes an expired certificate. */
  readonly notAfter?: Date;
}

const LOCAL_NAMES = ['localhost', '127.0.0.1', '::1'];
const DAY_MS = 86_400_000;
/** Types of subject alternative names, RFC 5280 §4.2.1.6. */
const SAN_DNS = 2;
const SAN_IP = 7;

/**
 * A fresh self-signed certificate (P-256). It is its own trust anchor: a client that is given `cert` as
 * its authority verifies the server, strict ones included, because an end entity that is no authority
 * needs no key identifiers (RFC 5280 §4.2.1.1).
 */
export async function makeCertificate(options: CertificateOptions = {}): Promise<Certificate> {
  const { generate } = await import('selfsigned');
  const names = options.onlyNames ?? [...new Set([...LOCAL_NAMES, ...(options.names ?? [])])];
  const made = await generate([{ name: 'commonName', value: 'abreast test server' }], {
    keyType: 'ec',
    curve: 'P-256',
    algorithm: 'sha256',
    // A day of slack, for clients in containers and virtual machines whose clock is behind.
    notBeforeDate: options.notBefore ?? new Date(Date.now() - DAY_MS),
    notAfterDate: options.notAfter ?? new Date(Date.now() + 365 * DAY_MS),
    extensions: [
      { name: 'basicConstraints', cA: false, critical: true },
      { name: 'keyUsage', digitalSignature: true, critical: true },
      { name: 'extKeyUsage', serverAuth: true },
      { name: 'subjectAltName', altNames: names.map(alternativeName) },
    ],
  });
  return { cert: made.cert, key: made.private };
}

function alternativeName(name: string) {
  return isIP(name) ? { type: SAN_IP as 7, ip: name } : { type: SAN_DNS as 2, value: name };
}
