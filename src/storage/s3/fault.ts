import { StorageError, type StorageFault } from '../error.ts';

/** What AWS's client throws. */
interface Failure {
  readonly name: string;
  readonly message: string;
  readonly code?: string;
  readonly $metadata?: { readonly httpStatusCode?: number };
  readonly cause?: unknown;
}

type Words = readonly [fault: StorageFault, text: string];

/** What was tried, as the participle of a message, and where. */
export interface Tried {
  readonly what: 'written' | 'read' | 'listed' | 'removed';
  readonly url: string;
  readonly bucket: string;
  readonly host: string;
}

/** The failure of a request to S3, for the user; `secrets` are removed from the server's message. */
export function s3Fault(error: unknown, tried: Tried, secrets: readonly string[]): StorageError {
  if (error instanceof StorageError) return error;
  const failure = error as Failure;
  const [fault, text] = wordsOf(failure, tried, said(failure.message, secrets));
  // The client's own error holds the request with its signature, so it is not kept as the cause.
  return new StorageError(fault, `${tried.url} can't be ${tried.what}: ${text}`);
}

/** Whether a request that failed like this may succeed later without any change. */
export function isPassing(error: unknown): boolean {
  return wordsOf(error as Failure, NOWHERE, '')[0] === 'unreachable';
}

const NOWHERE = { what: 'read', bucket: '', host: '' } as const;

/** The status of the answer; 0 without one. */
export function statusOf(error: unknown): number {
  return (error as Failure).$metadata?.httpStatusCode ?? 0;
}

function wordsOf(failure: Failure, { what, bucket, host }: Omit<Tried, 'url'>, message: string): Words {
  const { name } = failure;
  const status = statusOf(failure);
  const code = failure.code ?? (failure.cause as Failure | undefined)?.code ?? '';
  const known = KNOWN[name] ?? KNOWN[code];
  if (known !== undefined) return known;
  if (name === 'CredentialsProviderError')
    return [
      'credentials',
      `there are no AWS credentials (${message}). Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_PROFILE, ` +
        'log in (aws sso login), or give this machine a role.',
    ];
  if (name === 'NoSuchBucket')
    return ['missing', `there is no bucket '${bucket}'. Create it, or give another one.`];
  if (REGION.includes(name))
    return ['address', `the bucket '${bucket}' is in another region. Set AWS_REGION to its region.`];
  if (NO_CONNECTION.includes(code) || name === 'TimeoutError')
    return [
      'unreachable',
      `there is no connection to ${host} (${code || 'no answer in time'}). ${LOOK_AT_ENDPOINT}`,
    ];
  if (/CERT|SELF_SIGNED|UNABLE_TO_VERIFY|^ERR_(?:TLS|SSL)/.test(code))
    return [
      'broken',
      `the certificate of ${host} is not trusted (${code}). Set NODE_EXTRA_CA_CERTS to the file of its CA.`,
    ];
  if (status === 403) return ['denied', `access is denied (${named(name, message)}). ${RIGHTS[what]}`];
  if (status === 409 || status === 429 || status >= 500)
    return [
      'unreachable',
      `${host} answered ${status} (${named(name, message)}), also when it was asked again. Try later.`,
    ];
  if (status === 412) return ['broken', 'it was replaced by another writer meanwhile.'];
  if (status === 404) return ['missing', `it is not there (${named(name, message)}).`];
  if (status >= 400) return ['broken', `${host} answered ${status} (${named(name, message)}).`];
  return ['broken', `${host} does not answer as S3 does (${named(name, message)}). ${LOOK_AT_ENDPOINT}`];
}

const RIGHTS: Readonly<Record<Tried['what'], string>> = {
  written: 'The credentials need s3:PutObject there, and s3:GetObject for the parts of a run.',
  read: 'The credentials need s3:GetObject there; without s3:ListBucket, S3 says the same of what is not there.',
  listed: 'The credentials need s3:ListBucket there.',
  removed: 'The credentials need s3:DeleteObject there.',
};
const LOOK_AT_ENDPOINT = 'Look at AWS_ENDPOINT_URL_S3, AWS_ENDPOINT_URL and AWS_REGION.';
const EXPIRED: Words = [
  'credentials',
  'the credentials have expired. Log in again (aws sso login), or renew AWS_SESSION_TOKEN.',
];
const FULL: Words = ['unwritable', 'the server has no room for it. Free some space, or give another place.'];
const WRONG_SECRET: Words = [
  'credentials',
  'the secret key does not fit the access key. Look at AWS_SECRET_ACCESS_KEY and AWS_PROFILE.',
];

const KNOWN: Readonly<Record<string, Words>> = {
  TokenProviderError: EXPIRED,
  ExpiredToken: EXPIRED,
  ExpiredTokenException: EXPIRED,
  TokenRefreshRequired: EXPIRED,
  InvalidToken: [
    'credentials',
    'the session token is not valid. Log in again, or look at AWS_SESSION_TOKEN.',
  ],
  InvalidAccessKeyId: [
    'credentials',
    'the access key is not known there. Look at AWS_ACCESS_KEY_ID and AWS_PROFILE.',
  ],
  SignatureDoesNotMatch: WRONG_SECRET,
  RequestTimeTooSkewed: ['credentials', "this machine's clock is wrong. Set it (for example by NTP)."],
  QuotaExceeded: FULL,
  InsufficientStorage: FULL,
  XMinioStorageFull: FULL,
  EntityTooLarge: ['unwritable', 'it is larger than the server takes.'],
  InvalidObjectState: ['broken', 'it is archived (Glacier). Restore it first.'],
  NotImplemented: [
    'unsafe',
    'the server has no If-None-Match, so two writers could replace each other. Use AWS S3, or a server that has it.',
  ],
};

const REGION = ['PermanentRedirect', 'AuthorizationHeaderMalformed', 'IllegalLocationConstraintException'];
const NO_CONNECTION = [
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
];

/** The name of a failure, and the server's message, unless that is the name again. */
function named(name: string, message: string): string {
  return message === '' || message === name || message === 'UnknownError' ? name : `${name}: ${message}`;
}

const MOST_SAID = 300;

/** One line that can be printed. */
function said(message: string, secrets: readonly string[]): string {
  let text = message;
  for (const secret of secrets) text = text.replaceAll(secret, '***');
  const line = text
    .replace(/[\p{Cc}\p{Cf}\s]+/gu, ' ')
    .trim()
    .replace(/\.$/, '');
  return line.length > MOST_SAID ? `${line.slice(0, MOST_SAID)}…` : line;
}
