import type { S3Client } from '@aws-sdk/client-s3';
import { StorageError } from '../error.ts';

type S3 = typeof import('@aws-sdk/client-s3');

/** AWS's client, and the package that makes its commands. */
export interface OpenS3 {
  readonly s3: S3;
  readonly client: S3Client;
  /** The server: s3.eu-west-1.amazonaws.com, or another one with its port. */
  readonly host: string;
}

const CONNECT_TIMEOUT_MS = 5000;
const IDLE_TIMEOUT_MS = 30_000;

/** Loads AWS's client, which reads credentials, region and endpoint as the AWS CLI does. @throws StorageError */
export async function openS3(): Promise<OpenS3> {
  const s3 = await load();
  const region = await regionOf(s3);
  const host = await hostOf(s3, region);
  // HTTP_PROXY, HTTPS_PROXY and NO_PROXY, if this version of Node supports them.
  const agent = { proxyEnv: process.env };
  const client = new s3.S3Client({
    ...region,
    requestHandler: {
      connectionTimeout: CONNECT_TIMEOUT_MS,
      socketTimeout: IDLE_TIMEOUT_MS,
      httpAgent: agent,
      httpsAgent: agent,
    },
    followRegionRedirects: true,
    // Other servers have no host name for each bucket.
    forcePathStyle: !host.includes('.amazonaws.'),
  });
  followRegion(client);
  return { s3, client, host };
}

/**
 * The client follows redirects to the region of a bucket. But S3 in us-east-1, and other servers, may refuse the signature
 * instead. Their error names the region that they expect.
 */
function followRegion(client: S3Client): void {
  client.middlewareStack.add(
    (next) => async (args) => {
      try {
        return await next(args);
      } catch (error) {
        const region = expectedRegion(error);
        if (region === undefined) throw error;
        client.config.region = () => Promise.resolve(region);
        return next(args);
      }
    },
    { step: 'initialize' },
  );
}

function expectedRegion(error: unknown): string | undefined {
  const { name, message, Region } = error as Error & { readonly Region?: string };
  if (name !== 'AuthorizationHeaderMalformed') return undefined;
  return Region ?? /expecting '([\w-]+)'/.exec(message)?.[1];
}

async function load(): Promise<S3> {
  try {
    return await import('@aws-sdk/client-s3');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ERR_MODULE_NOT_FOUND') throw error;
    throw new StorageError(
      'missing',
      's3:// needs a package that does not come with abreast: npm install @aws-sdk/client-s3 ' +
        '(npm install -g @aws-sdk/client-s3, where abreast was installed with -g).',
      error,
    );
  }
}

/** The client does not read the variable that the AWS CLI reads, and wants a region even where the server has none. */
async function regionOf(s3: S3): Promise<{ region?: string }> {
  const { AWS_REGION, AWS_DEFAULT_REGION } = process.env;
  if (AWS_REGION) return {};
  if (AWS_DEFAULT_REGION) return { region: AWS_DEFAULT_REGION };
  const isKnown = await new s3.S3Client().config.region().then(
    () => true,
    () => false,
  );
  return isKnown ? {} : { region: 'us-east-1' };
}

/** The endpoint may be in the environment or in a profile. Only a request of the client shows it, so one is made and not sent. */
async function hostOf(s3: S3, region: { region?: string }): Promise<string> {
  const credentials = { accessKeyId: 'none', secretAccessKey: 'none' };
  const client = new s3.S3Client({ ...region, credentials });
  let host = '';
  client.middlewareStack.add(
    () => (args) => {
      const { hostname, port } = args.request as { readonly hostname: string; readonly port?: number };
      host = port === undefined ? hostname : `${hostname}:${port}`;
      return Promise.reject(new Error('it is not sent'));
    },
    { step: 'build' },
  );
  try {
    await client.send(new s3.ListBucketsCommand());
  } catch (error) {
    if (host === '')
      throw new StorageError(
        'address',
        `the settings of AWS can't be used: ${(error as Error).message}. Look at AWS_ENDPOINT_URL_S3, ` +
          'AWS_ENDPOINT_URL, AWS_PROFILE and ~/.aws/config.',
      );
  }
  return host;
}
