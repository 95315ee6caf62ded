import { StorageError } from '../error.ts';

/** What `s3://bucket/key` names. */
export interface S3Address {
  readonly bucket: string;
  /** Without a slash at its ends; empty: all of the bucket. */
  readonly key: string;
}

const BUCKET = /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/;

/** Parses `s3://bucket/key`. A wrong address may contain a secret, so no error shows it whole. @throws StorageError */
export function parseS3(address: string): S3Address {
  const [, authority = '', path = ''] = /^s3:\/\/([^/]*)(.*)$/is.exec(address) ?? [];
  if (/[@:]/.test(authority))
    throw new StorageError(
      'address',
      'an s3:// address is s3://bucket/prefix and has no credentials or port in it: credentials come from the ' +
        'environment or a profile, as for the AWS CLI, and another server from AWS_ENDPOINT_URL_S3.',
    );
  if (path.includes('?'))
    throw new StorageError(
      'address',
      `s3://${authority} has no settings behind a '?': set AWS_REGION and AWS_ENDPOINT_URL_S3 instead.`,
    );
  if (!BUCKET.test(authority))
    throw new StorageError(
      'address',
      `'${authority}' is no name of a bucket, which has 3 to 63 lower-case letters, digits, dots and dashes; ` +
        'expected s3://bucket/prefix.',
    );
  return { bucket: authority, key: path.replace(/^\/+|\/+$/g, '') };
}
