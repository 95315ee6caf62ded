import { mkdirSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3';
import { type Daemon, startDaemon } from './daemon.ts';
import { commandAt } from './installed.ts';
import { freePort } from './ports.ts';

/** A server of S3 with an empty bucket. */
export interface S3Server {
  readonly daemon: Daemon;
  readonly bucket: string;
  /** What a process needs to find it, and nothing else of this machine. */
  readonly env: Readonly<Record<string, string>>;
}

/** Servers of S3 that tests can start. */
export const S3_KINDS = ['versitygw', 'moto'] as const;
export type S3Kind = (typeof S3_KINDS)[number];

const COMMANDS = { versitygw: commandAt('versitygw'), moto: commandAt('moto_server') };
const GET_THEM = {
  versitygw: 'needs versitygw: scripts/system.sh versitygw',
  moto: "needs moto: pip install 'moto[server,s3]==5.2.5'",
};

/** For `skip` of a test: why there is no such server of S3 here, or false. */
export function noS3(kind: S3Kind): string | false {
  return COMMANDS[kind] === undefined && GET_THEM[kind];
}

/** The server that does as S3 does, or else the other one. */
export const S3: S3Kind = COMMANDS.versitygw === undefined ? 'moto' : 'versitygw';
export const NO_S3 = COMMANDS.versitygw === undefined && noS3('moto') !== false && GET_THEM.versitygw;

const BUCKET = 'abreast-test';
const USER = 'tester';
const SECRET = 'a-secret-of-s3';

/** Starts one in a folder and on a port of its own. Whoever starts it closes it. */
export async function startS3(kind: S3Kind = S3): Promise<S3Server> {
  const folder = mkdtempSync(join(tmpdir(), 'abreast-s3-'));
  const data = join(folder, 'data');
  mkdirSync(data);
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const args = {
    versitygw: ['--port', `127.0.0.1:${port}`, '--quiet', 'posix', data],
    moto: ['-H', '127.0.0.1', '-p', `${port}`],
  };
  const daemon = await startDaemon({
    url,
    command: COMMANDS[kind]!,
    args: args[kind],
    // What is meant for clients is not meant for a server.
    options: { env: { ...withoutAws(process.env), ROOT_ACCESS_KEY: USER, ROOT_SECRET_KEY: SECRET } },
    folder,
    stopSignal: 'SIGKILL',
    greet: async () => {
      await (await fetch(url)).body?.cancel();
    },
  });
  await makeBucket(url);
  return { daemon, bucket: BUCKET, env: awsEnvironment(url) };
}

/** What AWS's client reads: this server, these credentials, and nothing of this machine. */
export function awsEnvironment(url: string): Record<string, string> {
  return {
    AWS_ENDPOINT_URL_S3: url,
    AWS_ACCESS_KEY_ID: USER,
    AWS_SECRET_ACCESS_KEY: SECRET,
    AWS_REGION: 'us-east-1',
    AWS_DEFAULT_REGION: '',
    AWS_ENDPOINT_URL: '',
    AWS_SESSION_TOKEN: '',
    AWS_PROFILE: '',
    NO_PROXY: '127.0.0.1',
    AWS_CONFIG_FILE: '/dev/null',
    AWS_SHARED_CREDENTIALS_FILE: '/dev/null',
    AWS_EC2_METADATA_DISABLED: 'true',
  };
}

function withoutAws(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !name.startsWith('AWS_')));
}

async function makeBucket(endpoint: string): Promise<void> {
  const credentials = { accessKeyId: USER, secretAccessKey: SECRET };
  const client = new S3Client({ endpoint, credentials, region: 'us-east-1', forcePathStyle: true });
  await client.send(new CreateBucketCommand({ Bucket: BUCKET }));
  client.destroy();
}
