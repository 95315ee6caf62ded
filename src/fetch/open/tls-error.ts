import type tls from 'node:tls';
import { FetchError } from '../errors.ts';
import { option } from '../option-names.ts';
import type { Target } from '../target.ts';

/** The dates of a certificate do not hold. OpenSSL's X509_V_ERR_* names. */
const DATES = new Set(['CERT_HAS_EXPIRED', 'CERT_NOT_YET_VALID']);

/** How many of a certificate's names an error lists. */
const NAMES_SHOWN = 4;

/** Why the peer of a finished handshake is not trusted, naming its certificate's issuer, dates or names. `those`: whom we trust. */
export function peerError(socket: tls.TLSSocket, target: Target, those: string): FetchError {
  // Typed as an Error; by Node's documentation and in fact it is the error's code.
  const code = String(socket.authorizationError);
  const leaf = socket.getPeerCertificate(true);
  const chain = chainOf(leaf);
  if (DATES.has(code)) return new FetchError('tls-expired', `${target.origin}: ${dates(chain)}`);
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID')
    return new FetchError('tls-wrong-host', wrongHost(target, leaf));
  const why = code === 'UNSPECIFIED' ? verifyText(socket) : code;
  return new FetchError('tls-untrusted', `${target.origin}: ${untrusted(why, chain, those)}`);
}

/** A handshake that broke off, in words. The connection ending in it is 'reset', anything else 'tls'. */
export function handshakeError(error: NodeJS.ErrnoException, target: Target): FetchError {
  const code = error.code ?? '';
  if (code === 'ECONNRESET' || code === 'EPIPE')
    return new FetchError(
      'reset',
      `${target.origin} closed the connection in the TLS handshake; try again later`,
      error,
    );
  return new FetchError(
    'tls',
    `${target.origin}: the TLS handshake failed: ${broken(code, error, target)}`,
    error,
  );
}

/** Whether the server ended a handshake for want of anything that both sides can do. */
export function isNothingInCommon({ code = '' }: NodeJS.ErrnoException): boolean {
  return /HANDSHAKE_FAILURE|INSUFFICIENT_SECURITY/.test(code);
}

function broken(code: string, error: Error, { host, port }: Target): string {
  if (/WRONG_VERSION_NUMBER|HTTP_REQUEST|PACKET_LENGTH_TOO_LONG|UNKNOWN_PROTOCOL/.test(code))
    return `what answers there speaks no TLS; is it http://${host.includes(':') ? `[${host}]` : host}:${port} ?`;
  if (/UNSUPPORTED_PROTOCOL|PROTOCOL_VERSION|VERSION_TOO_LOW/.test(code))
    return 'the server speaks only versions of TLS before 1.2, which are not safe (RFC 8996)';
  if (
    /CERTIFICATE_REQUIRED|ALERT_BAD_CERTIFICATE|ALERT_CERTIFICATE_UNKNOWN|ALERT_UNKNOWN_CA|ACCESS_DENIED/.test(
      code,
    )
  )
    return `the server does not accept who we are (${code}); give a certificate with ${option('cert')}`;
  if (/DH_KEY_TOO_SMALL/.test(code))
    return 'the server uses a Diffie-Hellman group of fewer than 2,048 bits, which can be broken; it needs a newer configuration';
  if (/UNSAFE_LEGACY_RENEGOTIATION/.test(code))
    return 'the server lacks secure renegotiation (RFC 5746); it needs an update';
  if (/UNRECOGNIZED_NAME/.test(code)) return `the server knows no ${host}; check the name`;
  if (/NO_APPLICATION_PROTOCOL/.test(code))
    return `the server speaks neither of the protocols offered; try ${option('protocol')}`;
  // TLS 1.2 has one alert for both (RFC 5246 §7.2.2).
  if (isNothingInCommon(error) || /NO_SHARED_CIPHER|NO_SUITABLE/.test(code))
    return `the server has no cipher, curve (${option('curves')}) or signature in common with us (SHA-1 is not safe, and not offered), or wants to know who we are (${code}); give a certificate with ${option('cert')} if it does`;
  return code === '' ? error.message : `${reason(error)} (${code})`;
}

/** OpenSSL's own words without its file and line. */
function reason(error: Error): string {
  return ((error as Error & { reason?: string }).reason ?? error.message).split('\n')[0]!.trim();
}

/** OpenSSL's own words for what Node has no code for. Only its handle tells them, while `rejectUnauthorized` is false. */
function verifyText(socket: tls.TLSSocket): string {
  const { _handle } = socket as { _handle?: { verifyError?(): Error | null | undefined } };
  return _handle?.verifyError?.()?.message ?? 'UNSPECIFIED';
}

/** What a certificate may not be, by OpenSSL's words for it; each goes on from "the certificate (NAME) is not valid: ". */
const FAULTS: readonly (readonly [RegExp, (chain: readonly tls.DetailedPeerCertificate[]) => string])[] = [
  [/^EE certificate key too weak/, ([leaf]) => `its key of ${leaf!.bits} bits can be broken`],
  [/^CA certificate key too weak/, () => 'the key of an authority that vouches for it can be broken'],
  [/digest algorithm too weak/, () => 'it or an authority is signed with SHA-1 or MD5, which can be forged'],
  [
    /subtree violation/,
    (chain) =>
      `its authority, ${name(chain.at(-1)!.subject)}, may not vouch for such names (name constraints)`,
  ],
  [/^INVALID_(PURPOSE|CA)/, wrongPurpose],
];

/** RFC 5280 §4.2.1.12. */
const SERVER_AUTH = '1.3.6.1.5.5.7.3.1';

function wrongPurpose([leaf, issuer = leaf]: readonly tls.DetailedPeerCertificate[]): string {
  const { ext_key_usage: usages = [SERVER_AUTH] } = leaf!;
  return usages.includes(SERVER_AUTH)
    ? `${name(issuer!.subject)} or an authority above may not vouch for servers (basic constraints, key usage)`
    : 'it is not for servers (extended key usage)';
}

function untrusted(code: string, chain: readonly tls.DetailedPeerCertificate[], those: string): string {
  const top = chain.at(-1);
  const remedy = `trust it with ${option('ca')}, or anybody with ${option('insecure')}`;
  if (!top) return `the server showed no certificate (${code})`;
  if (code === 'DEPTH_ZERO_SELF_SIGNED_CERT')
    return `the certificate (${name(top.subject)}) is signed by itself and not among those ${those}; ${remedy}`;
  const unknown = /SELF_SIGNED_CERT_IN_CHAIN|UNABLE_TO_(GET_ISSUER_CERT|VERIFY_LEAF)/.test(code);
  if (unknown) {
    const gap = isRoot(top) ? '' : ', or the server leaves out the certificates between';
    return `the certificate's issuer, ${name(top.issuer)}, is not among those ${those}${gap}; ${remedy}`;
  }
  const shown = `the certificate (${name(chain[0]!.subject)}, issued by ${name(chain[0]!.issuer)}) is not valid`;
  const fault = FAULTS.find(([text]) => text.test(code))?.[1](chain);
  if (fault === undefined) return `${shown}: ${code}; ${remedy}`;
  return `${shown}: ${fault}; the server needs another one; ${option('insecure')} skips this check`;
}

function dates(chain: readonly tls.DetailedPeerCertificate[]): string {
  const now = Date.now();
  for (const { subject, valid_from, valid_to } of chain) {
    if (Date.parse(valid_to) < now)
      return `the certificate (${name(subject)}) expired on ${day(valid_to)}; the server needs a new one; ${option('insecure')} skips this check`;
    if (Date.parse(valid_from) > now)
      return `the certificate (${name(subject)}) holds only from ${day(valid_from)}; is this host's clock right?`;
  }
  return "a certificate of the chain has expired or is not yet valid; is this host's clock right?";
}

function wrongHost({ origin, host }: Target, leaf: tls.PeerCertificate): string {
  const names = (leaf.subjectaltname ?? '')
    .split(', ')
    .map((entry) => entry.replace(/^(DNS|IP Address):/, ''));
  const shown = names.slice(0, NAMES_SHOWN).join(', ') || name(leaf.subject);
  const more = names.length > NAMES_SHOWN ? ` and ${names.length - NAMES_SHOWN} more` : '';
  return `${origin}: the certificate is for ${shown}${more}, not for ${host}; use such a name, or ${option('insecure')}`;
}

/** From the server's own certificate up, as far as the server or our store gave it. */
function chainOf(leaf: tls.DetailedPeerCertificate): readonly tls.DetailedPeerCertificate[] {
  const chain: tls.DetailedPeerCertificate[] = [];
  let next: tls.DetailedPeerCertificate | undefined = leaf;
  // Node closes the chain by letting a root be its own issuer.
  while (next?.subject && !chain.includes(next)) {
    chain.push(next);
    next = next.issuerCertificate;
  }
  return chain;
}

function isRoot(certificate: tls.DetailedPeerCertificate): boolean {
  return certificate.issuerCertificate === certificate;
}

function name({ CN, O, OU }: tls.Certificate): string {
  return JSON.stringify(CN ?? O ?? OU ?? 'without a name');
}

function day(date: string): string {
  return new Date(date).toISOString().slice(0, 10);
}
