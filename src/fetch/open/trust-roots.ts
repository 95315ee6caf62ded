import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import tls from 'node:tls';

/** The authorities of a run that names none, as PEM. Without either, Node's own (its list and NODE_EXTRA_CA_CERTS). */
export interface Roots {
  /** In place of Node's. */
  readonly instead?: readonly string[];
  /** On top of Node's. */
  readonly besides?: string;
  /** Where they are from, as the end of 'not among those ...'. */
  readonly named?: string;
}

/** Where the systems keep theirs; the first that exists counts. From the manuals of Debian, Fedora, SUSE, Alpine, FreeBSD. */
const BUNDLES: readonly string[] = [
  '/etc/ssl/certs/ca-certificates.crt',
  '/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem',
  '/etc/pki/tls/certs/ca-bundle.crt',
  '/etc/ssl/ca-bundle.pem',
  '/etc/ssl/cert.pem',
  '/usr/local/etc/ssl/cert.pem',
];

const CERTIFICATE = /-----BEGIN CERTIFICATE-----([^-]+)-----END CERTIFICATE-----/g;

/**
 * Whom to trust by default: SSL_CERT_FILE and SSL_CERT_DIR replace everything but NODE_EXTRA_CA_CERTS, as with OpenSSL
 * and curl; otherwise Node's authorities and the system's, so that a company's own that the system knows just works.
 */
export function readRoots(env: NodeJS.ProcessEnv, bundles: readonly string[] = BUNDLES): Roots {
  if (env.SSL_CERT_FILE || env.SSL_CERT_DIR) return fromEnvironment(env);
  const system =
    process.platform === 'darwin' || process.platform === 'win32'
      ? fromStore()
      : fromBundle(bundles.find(existsSync));
  return system === '' ? {} : { besides: system };
}

function fromEnvironment({
  SSL_CERT_FILE: file,
  SSL_CERT_DIR: directories,
  NODE_EXTRA_CA_CERTS: extra,
}: NodeJS.ProcessEnv): Roots {
  const paths = [
    ...(file ? [file] : []),
    ...(directories ? hashed(directories) : []),
    ...(extra ? [extra] : []),
  ];
  const texts = paths.map(readText);
  const unread = paths.find((_, i) => texts[i] === null);
  const names = [file && `SSL_CERT_FILE=${file}`, directories && `SSL_CERT_DIR=${directories}`];
  return {
    instead: beyond(new Set(), texts.join('\n')),
    named: `of ${names.filter(Boolean).join(' and ')}${unread === undefined ? '' : ` (${unread} can't be read)`}`,
  };
}

/** The files OpenSSL would look into: those that `openssl rehash` named. */
function hashed(directories: string): readonly string[] {
  return directories.split(':').flatMap((directory) => {
    if (!statSync(directory, { throwIfNoEntry: false })?.isDirectory()) return [directory];
    const names = readdirSync(directory).filter((name) => /^[0-9a-f]{8}\.\d+$/.test(name));
    return names.map((name) => join(directory, name));
  });
}

function fromStore(): string {
  return tls.getCACertificates('system').join('\n');
}

/** What a bundle has beyond Node's own list: parsing is what costs, and two thirds are the same. */
function fromBundle(path: string | undefined): string {
  const text = path === undefined ? null : readText(path);
  if (text === null) return '';
  const known = new Set(tls.rootCertificates.map((pem) => base64(pem.replace(/-----[A-Z ]+-----/g, ''))));
  return beyond(known, text).join('\n');
}

/** The certificates of a text that are not known yet, each once; they become known. */
function beyond(known: Set<string>, text: string): readonly string[] {
  const found: string[] = [];
  for (const [pem, body] of text.matchAll(CERTIFICATE)) {
    const key = base64(body!);
    if (!known.has(key)) found.push(pem);
    known.add(key);
  }
  return found;
}

/** null when it can't be read: then its authorities are not among the trusted, and an error will say so. */
function readText(path: string): string | null {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return null;
  }
}

/** Bundles break their lines differently. */
function base64(text: string): string {
  return text.replace(/\s+/g, '');
}
