import type { KeyObject, X509Certificate } from 'node:crypto';
import { isIP } from 'node:net';
import tls from 'node:tls';
import type { FetchError } from '../errors.ts';
import { option } from '../option-names.ts';
import type { TlsOptions } from '../options.ts';
import type { Target } from '../target.ts';
import { Curves } from './curves.ts';
import { peerError } from './tls-error.ts';
import { type Roots, readRoots } from './trust-roots.ts';

/** Whom a run trusts and who it is to others, the same for all of its origins. */
export class Trust {
  readonly insecure: boolean;
  readonly curves: Curves;
  readonly #options: TlsOptions;
  readonly #readRoots: () => Roots;
  /** By the curves that are offered. */
  readonly #contexts = new Map<string, tls.SecureContext>();
  #roots: Roots | null = null;

  /**
   * Reads no authorities before an origin needs them.
   * @param bundles where the system's may be, when not at the usual places
   * @throws TypeError for ca, cert, key or curves that can't be used
   */
  constructor(options: TlsOptions, env: NodeJS.ProcessEnv = process.env, bundles?: readonly string[]) {
    this.insecure = options.insecure ?? false;
    this.#options = options;
    this.curves = new Curves(options.curves);
    this.#readRoots = () => readRoots(env, bundles);
    checkAuthorities(options.ca);
    checkIdentity(options);
  }

  /** What tls.connect needs for an origin, to offer these curves; not where to connect. check() must follow 'secureConnect'. */
  connectOptions({ host }: Target, curves: string): tls.ConnectionOptions {
    return {
      secureContext: this.#contextWith(curves),
      // Node would destroy the socket, and the certificate that an error should name with it.
      rejectUnauthorized: false,
      // RFC 6066 §3: an address is no server name, but the certificate is checked against it all the same.
      servername: isIP(host) === 0 ? host : '',
      checkServerIdentity: this.insecure ? () => undefined : (_, peer) => tls.checkServerIdentity(host, peer),
    };
  }

  /** Whether the peer of a finished handshake is trusted: null, or why it is not. Nothing may be sent before. */
  check(socket: tls.TLSSocket, target: Target): FetchError | null {
    if (this.insecure || socket.authorized) return null;
    const ours = this.#options.ca !== undefined;
    return peerError(socket, target, ours ? `of ${option('ca')}` : (this.#roots?.named ?? 'known here'));
  }

  #contextWith(curves: string): tls.SecureContext {
    let context = this.#contexts.get(curves);
    if (context === undefined) {
      context = this.#makeContext(curves);
      this.#contexts.set(curves, context);
    }
    return context;
  }

  #makeContext(curves: string): tls.SecureContext {
    const { ca, cert } = this.#options;
    const shared: tls.SecureContextOptions = {
      minVersion: 'TLSv1.2',
      ecdhCurve: curves,
      ...(cert !== undefined && { cert, key: keyOf(this.#options) }),
    };
    // Roots are loaded only when a connection needs them.
    if (this.insecure) return tls.createSecureContext({ ...shared, ca: [] });
    if (ca !== undefined) return tls.createSecureContext({ ...shared, ca });
    this.#roots ??= this.#readRoots();
    const { instead, besides } = this.#roots;
    const context = tls.createSecureContext(instead ? { ...shared, ca: [...instead] } : shared);
    if (besides) addAuthorities(context, besides);
    return context;
  }
}

/**
 * Adds to Node's default authorities. The documented way, `ca` with all of them, parses 120 certificates that Node
 * keeps parsed: 25 ms against 4.
 */
function addAuthorities(context: tls.SecureContext, pem: string): void {
  const native = context.context as { addCACert(pem: string): void };
  native.addCACert(pem);
}

function checkAuthorities(ca: TlsOptions['ca']): void {
  if (ca === undefined) return;
  const first = /-----BEGIN (TRUSTED )?CERTIFICATE-----[^-]+-----END (TRUSTED )?CERTIFICATE-----/.exec(
    String(ca),
  )?.[0];
  if (!first) throw new TypeError('--cacert (tls.ca): there is no certificate in PEM form in it');
  certificate(first, '--cacert (tls.ca)');
}

function checkIdentity(options: TlsOptions): void {
  const { cert } = options;
  if (cert === undefined) {
    if (options.key !== undefined)
      throw new TypeError('--key (tls.key) without --cert (tls.cert): a key needs its certificate');
    return;
  }
  const leaf = certificate(cert, '--cert (tls.cert)');
  if (!leaf.checkPrivateKey(privateKey(options)))
    throw new TypeError(
      `--key (tls.key) is not the key of the certificate --cert (tls.cert), ${leaf.subject}`,
    );
}

/** Loaded for a certificate of the caller's own: an import of it brings all of Web Crypto along. */
const crypto = () => process.getBuiltinModule('node:crypto');

function certificate(pem: string | Buffer, option: string): X509Certificate {
  try {
    return new (crypto().X509Certificate)(pem);
  } catch (error) {
    throw new TypeError(`${option}: not a certificate in PEM form (${(error as Error).message})`, {
      cause: error,
    });
  }
}

function privateKey(options: TlsOptions): KeyObject {
  const key = keyOf(options);
  if (!/-----BEGIN [A-Z ]*PRIVATE KEY-----/.test(String(key)))
    throw new TypeError(
      `--key (tls.key): ${options.key === undefined ? 'missing, and --cert has none in it' : 'no private key in PEM form'}`,
    );
  try {
    return crypto().createPrivateKey(key);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const why =
      code === 'ERR_MISSING_PASSPHRASE'
        ? 'it has a passphrase; store it without: openssl pkey -in KEY -out PLAIN'
        : message;
    throw new TypeError(`--key (tls.key) can't be used: ${why}`, { cause: error });
  }
}

/** As with curl, one file may hold both. */
function keyOf({ cert = '', key }: TlsOptions): string | Buffer {
  return key ?? cert;
}
