import { Command, Option } from 'commander';
import type { Duration, Rate } from '../../fetch/index.ts';
import type { FailureLimit } from '../../tally/index.ts';
import { path } from '../path.ts';
import { refuseHabits } from './habits.ts';
import {
  byteSize,
  collect,
  connectToEntry,
  duration,
  failureLimit,
  positive,
  rate,
  resolveEntry,
  type StatusRanges,
  statusRanges,
  wholeNumber,
} from './values.ts';

/** The options of `abreast get` as they were parsed; absent where neither given nor of a default here. */
export interface GetFlags {
  readonly file?: string;
  readonly column?: string;
  readonly count?: number;

  readonly concurrency?: number;
  readonly perOrigin?: number;
  readonly rate?: Rate;
  readonly perOriginRate?: Rate;
  /** false: --no-adapt. */
  readonly adapt: boolean;

  readonly timeout?: Duration;
  readonly connectTimeout?: Duration;
  readonly firstByteTimeout?: Duration;
  readonly idleTimeout?: Duration;
  readonly retries?: number;
  readonly maxRetryAfter?: Duration;
  readonly maxRedirs?: number;
  readonly maxBody?: number;
  readonly maxMemory?: number;

  readonly header?: readonly string[];
  readonly user?: string;
  readonly userAgent?: string;
  readonly allOrigins?: boolean;

  readonly resolve?: Readonly<Record<string, readonly string[]>>;
  readonly connectTo?: Readonly<Record<string, string>>;
  readonly proxy?: string;
  readonly ipv4?: boolean;
  readonly ipv6?: boolean;
  /** false: --no-private. */
  readonly private: boolean;
  readonly insecure?: boolean;
  readonly cacert?: string;
  readonly cert?: string;
  readonly key?: string;
  readonly curves?: string;
  /** --http1.1. */
  readonly 'http1.1'?: boolean;
  readonly http2?: boolean;

  readonly output?: string;
  readonly resume?: boolean;
  readonly retryFailed?: boolean;
  readonly force?: boolean;
  /** 'none', 'inline', or a folder. */
  readonly bodies: string;
  readonly keepUrls?: boolean;
  readonly csvSafe?: boolean;
  readonly trace?: string;
  readonly html?: string;
  readonly json?: boolean;
  readonly progress?: 'none' | 'line' | 'bar';
  readonly quiet?: boolean;

  readonly good: StatusRanges;
  readonly maxFailed: FailureLimit;
  readonly expect?: number;
}

const EXAMPLES = `
Examples:
  abreast get https://example.com/ -n 200 -c 50
  abreast get -f urls.txt -o results.jsonl
  abreast get -f services.csv --column link -o results.csv.gz --per-origin 4
  sort -u urls.txt | abreast get - -c 200 --bodies none | jq .status
  abreast get -f urls.txt -o results.jsonl --resume
  abreast get -f urls.txt -o results.jsonl -H 'Authorization: Bearer \${TOKEN}'

Exit codes: 0 success; 1 more failed than --max-failed, or --expect not met;
2 bad usage or input; 3 stopped before the end (--resume continues); 4 another
run writes to the output; 125 --expect could not be judged; 130 interrupted
twice.
`;

/** `abreast get` with all its options and defaults, and no action yet. */
export function getDefinition(): Command {
  const get = new Command('get')
    .summary('GET many URLs at once, and prove how concurrent it was')
    .description('GET many URLs at once, and prove how concurrent it was.')
    .usage('[options] URL... | -f FILE | -')
    .argument('[URL...]', 'what to GET; - reads URLs from standard input, one per line');

  get
    .optionsGroup('What to GET:')
    .option(
      '-f, --file <file>',
      'read URLs from a text file, one per line, or a .csv, .tsv or .jsonl file',
      path('Pipe the list that is there: curl -s URL | abreast get -'),
    )
    .option('--column <name>', 'the column with the URL; the others become "data" (default: url)')
    .addOption(new Option('-n, --count <n>', 'GETs in all; the URLs are repeated').argParser(positive));

  get
    .optionsGroup('Concurrency:')
    .addOption(new Option('-c, --concurrency <n>', 'GETs in flight (default: 100)').argParser(positive))
    .addOption(
      new Option('--per-origin <n>', 'GETs in flight at one origin (default: no limit)').argParser(positive),
    )
    .addOption(
      new Option('--rate <n/s>', 'requests per time: 10/s, 600/m (default: no limit)').argParser(rate),
    )
    .addOption(
      new Option('--per-origin-rate <n/s>', 'the same for each origin (default: no limit)').argParser(rate),
    )
    .option('--no-adapt', "don't slow down after 429 and 503, don't skip dead origins");

  get
    .optionsGroup('Time and size:')
    .addOption(
      new Option('--timeout <time>', 'a whole attempt, with redirects (default: 60s)').argParser(duration),
    )
    .addOption(new Option('--connect-timeout <time>', 'DNS, TCP and TLS (default: 10s)').argParser(duration))
    .addOption(
      new Option('--first-byte-timeout <time>', 'from request to first byte (default: 30s)').argParser(
        duration,
      ),
    )
    .addOption(
      new Option('--idle-timeout <time>', 'between two reads of an answer (default: 30s)').argParser(
        duration,
      ),
    )
    .addOption(
      new Option('--retries <n>', 'further attempts for one URL (default: 3)').argParser(wholeNumber),
    )
    .addOption(
      new Option('--max-retry-after <time>', 'longest wait for Retry-After (default: 60s)').argParser(
        duration,
      ),
    )
    .addOption(
      new Option('--max-redirs <n>', 'redirects to follow for one URL (default: 10)').argParser(wholeNumber),
    )
    .addOption(
      new Option('--max-body <bytes>', 'size of one decoded body (default: 64MB)').argParser(byteSize),
    )
    .addOption(
      new Option(
        '--max-memory <bytes>',
        'size of all bodies together; reading pauses there (default: a quarter of the memory)',
      ).argParser(byteSize),
    );

  get
    .optionsGroup('The request:')
    .option(
      '-H, --header <line>',
      `'Name: value', '\${ENV}' in it is replaced; @FILE reads lines, @- standard input`,
      collect,
    )
    .option('-u, --user <user:password>', `basic authorization; '\${ENV}' in it is replaced`)
    .option('-A, --user-agent <name>', 'User-Agent (default: abreast/VERSION)')
    .option('--all-origins', 'send credentials of -u and -H to several origins');

  get
    .optionsGroup('The connection:')
    .option('-k, --insecure', 'trust any certificate')
    .option('--cacert <file>', "trust these authorities (default: Node's and the system's)", path())
    .option('--cert <file>', 'client certificate, PEM', path())
    .option('--key <file>', 'its private key, PEM', path())
    .option('--curves <list>', 'of the key exchange, X25519:P-256 (default: all safe ones)')
    .option('-x, --proxy <url>', "for every request; '' for none (default: HTTP(S)_PROXY, NO_PROXY)")
    .option('--resolve <host:port:addr>', 'use this address for a host; repeatable', resolveEntry)
    .option('--connect-to <host:port:to:port>', 'connect to another host; repeatable', connectToEntry)
    .addOption(new Option('-4, --ipv4', 'only IPv4').conflicts('ipv6'))
    .option('-6, --ipv6', 'only IPv6')
    .option('--no-private', 'connect to public addresses only (default: to any)')
    .addOption(new Option('--http1.1', 'only HTTP/1.1 (default: the better of both)').conflicts('http2'))
    .option('--http2', 'only HTTP/2');

  get
    .optionsGroup('Output:')
    .option(
      '-o, --output <file>',
      '.jsonl or .csv, with .gz or .zst compressed; - is standard output',
      path('Write a file and copy it there, or pipe it: -o - | ...'),
    )
    .addOption(new Option('--resume', 'continue an output: only URLs without a result').conflicts('force'))
    .addOption(new Option('--retry-failed', 'like --resume, and retry what failed').conflicts('force'))
    .option('--force', 'overwrite an existing output')
    .option('--bodies <none|inline|DIR>', 'no bodies, in the row, or as files in DIR', path(), 'inline')
    .option('--keep-urls', 'keep passwords and tokens in URLs (default: written as ***)')
    .option('--csv-safe', "in CSV, put ' before cells that a spreadsheet would run (default: no)")
    .option('--trace <file>', 'write a trace of all requests; .zst is compressed', path())
    .option('--html <file>', 'write a page that shows all requests, as `abreast view` does', path())
    .option('--json', 'print the summary as one JSON object')
    .addOption(
      new Option('--progress <how>', 'default: bar on a terminal, otherwise a line every 30 s').choices([
        'none',
        'line',
        'bar',
      ]),
    )
    .option('-q, --quiet', 'no progress, no summary');

  get
    .optionsGroup('Success and failure:')
    .addOption(
      new Option('--good <statuses>', 'any other status is a failure')
        .argParser(statusRanges)
        .default(statusRanges('200-399'), '200-399'),
    )
    .addOption(
      new Option('--max-failed <n|n%>', 'exit with 1 if more fail')
        .argParser(failureLimit)
        .default({ count: 0 } satisfies FailureLimit, '0'),
    )
    .addOption(
      new Option('--expect <n>', 'exit with 1 unless n were in flight at once, 0.8 n on average').argParser(
        positive,
      ),
    );

  refuseHabits(get);
  return get.optionsGroup('Help:').addHelpText('after', EXAMPLES);
}
