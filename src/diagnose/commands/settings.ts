import { nameOfProgram } from './arguments.ts';

/** What says how many requests a tool makes at a time, for a tool whose source nobody wants to change. */
const SETTINGS: Readonly<Record<string, string>> = {
  'ansible-playbook':
    'ansible runs the tasks of one host in turn: a task with `async` and `poll: 0` lets the next begin; `-f N` (forks) is how many hosts at a time.',
  aws: 'Set how many the aws command makes at a time: `aws configure set default.s3.max_concurrent_requests 50`.',
  blc: 'Give blc a larger --requests and --host-requests.',
  gsutil: 'Give gsutil -m, and a larger parallel_thread_count in its configuration.',
  linkchecker:
    'linkchecker keeps to maxrequestspersecond for each host (10 by default) whatever -t says: set both in linkcheckerrc or on the command line.',
  linkinator: 'Give linkinator a larger --concurrency.',
  npm: 'Give npm a larger --maxsockets (15 by default).',
  pip: 'pip has no setting for it: it gets one after another. uv gets several at a time.',
  pnpm: 'Give pnpm a larger --network-concurrency.',
  s3cmd: 's3cmd gets one after another; s5cmd and `aws s3` get several at a time.',
  scrapy:
    'Set CONCURRENT_REQUESTS and CONCURRENT_REQUESTS_PER_DOMAIN (16 and 8 by default): `scrapy crawl NAME -s CONCURRENT_REQUESTS_PER_DOMAIN=32`.',
  yarn: 'Give yarn a larger --network-concurrency (8 by default).',
  'yt-dlp': 'Give yt-dlp -N (--concurrent-fragments): so many parts of a file at a time.',
};

/** What a user of this command can set to have more requests at a time; undefined where it is no such tool. */
export function settingOf(argv: readonly string[]): string | undefined {
  const name = nameOfProgram(argv).replace(/^(pip)[\d.]*$/, '$1');
  return Object.hasOwn(SETTINGS, name) ? SETTINGS[name] : undefined;
}
