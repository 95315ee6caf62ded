import { nameOfProgram } from './arguments.ts';
import { KNOWN } from './known.ts';

/** How to set the number of requests that a tool makes at a time, where that is more than a larger option of known.ts. */
const SETTINGS: Readonly<Record<string, string>> = {
  'ansible-playbook':
    'ansible runs the tasks of one host in turn: a task with `async` and `poll: 0` lets the next begin; `-f N` (forks) is how many hosts at a time.',
  aws: 'Set how many the aws command makes at a time: `aws configure set default.s3.max_concurrent_requests 50`.',
  blc: 'Give blc a larger --requests and --host-requests.',
  gsutil: 'Give gsutil -m, and a larger parallel_thread_count in its configuration.',
  linkchecker:
    'linkchecker keeps to maxrequestspersecond for each host (10 by default) whatever -t says: set both in linkcheckerrc or on the command line.',
  linkinator: 'Give linkinator a larger --concurrency.',
  newman:
    'newman runs the requests of a collection one after another: run several at the same time, each with a folder of it (--folder).',
  newsboat: 'Set `reload-threads N` in the configuration of newsboat (1 by default).',
  pip: 'pip has no setting for it: it downloads one file after another. uv downloads several at a time.',
  s3cmd: 's3cmd transfers one file after another; s5cmd and `aws s3` transfer several at a time.',
  scrapy:
    'Set CONCURRENT_REQUESTS and CONCURRENT_REQUESTS_PER_DOMAIN (16 and 8 by default): `scrapy crawl NAME -s CONCURRENT_REQUESTS_PER_DOMAIN=32`.',
  'sphinx-build': 'Set `linkcheck_workers` in conf.py (5 by default).',
  streamlink: 'Give streamlink a larger --stream-segment-threads (1 by default).',
  'yt-dlp': 'Give yt-dlp a larger -N (--concurrent-fragments): so many parts of a file at a time.',
};

/** What a user of this command can do for more requests at a time; undefined where its program is not known. */
export function settingOf(argv: readonly string[]): string | undefined {
  const name = nameOfProgram(argv).replace(/^(pip)[\d.]*$/, '$1');
  if (Object.hasOwn(SETTINGS, name)) return SETTINGS[name];
  const known = Object.hasOwn(KNOWN, name) ? KNOWN[name]! : undefined;
  if (known?.mode !== 'list') return undefined;
  const usual = typeof known.usual === 'number' ? ` (${known.usual} by default)` : '';
  return `Give ${name} a larger ${known.options[0]}${usual}.`;
}
