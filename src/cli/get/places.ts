import type { RowPlace } from '../../rows/index.ts';
import { formatOf } from '../../store/index.ts';
import { redactUrl } from '../../trace/index.ts';
import { UsageError } from '../usage.ts';
import { HEADERS_FROM_STDIN } from './headers.ts';
import type { GetFlags } from './options.ts';
import { credentialOf, oneOriginOnly } from './source.ts';

/** Where the URLs are, in the order of the command line. `headers` go to all of them. @throws UsageError, InputError */
export function rowPlaces(
  urls: readonly string[],
  flags: GetFlags,
  headers: Readonly<Record<string, string>>,
): readonly RowPlace[] {
  if (urls.length === 0 && flags.file === undefined)
    throw new UsageError('there is nothing to GET: give URLs, -f FILE, or - for standard input.');
  const fromStdin = urls.filter((url) => url === '-').length + (flags.file === '-' ? 1 : 0);
  const headersFromStdin = (flags.header ?? []).filter((value) => value === HEADERS_FROM_STDIN).length;
  if (fromStdin + headersFromStdin > 1) throw new UsageError('standard input can be read only once.');
  if (flags.column !== undefined && fromStdin === 0 && flags.file === undefined)
    throw new UsageError('--column goes with -f FILE or -: URLs in the arguments have no columns.');
  const credential = flags.allOrigins ? undefined : credentialOf(headers);
  if (credential !== undefined) urls.forEach(oneOriginOnly(credential));
  const places = urls.map((url) => (url === '-' ? stdin(flags) : { list: [checkedUrl(url)] }));
  if (flags.file === undefined) return places;
  return [...places, flags.file === '-' ? stdin(flags) : { file: flags.file, column: flags.column }];
}

function stdin(flags: GetFlags): RowPlace {
  return { stream: process.stdin, name: 'standard input', column: flags.column };
}

/** An argument that is no URL is a slip of the hand; in a list of thousands it is one failed result. */
function checkedUrl(text: string): string {
  const protocol = URL.canParse(text) ? new URL(text).protocol : null;
  if (protocol === 'http:' || protocol === 'https:') return text;
  const shown = redactUrl(text);
  if (URL.canParse(`https://${text}`) && /^[\w-]+(\.[\w-]+)*(:\d+)?(\/|$)/.test(text))
    throw new UsageError(`${shown}: this URL has no scheme. Is it https://${shown}?`);
  throw new UsageError(`${shown}: this is no http:// or https:// URL.`);
}

/** Refuses options that contradict each other. @throws UsageError */
export function checkFlags(flags: GetFlags): void {
  const stored = flags.output !== undefined && flags.output !== '-';
  const needsFile = (['resume', 'retryFailed', 'force'] as const).find((flag) => flags[flag]);
  if (needsFile !== undefined && !stored) {
    const option = { resume: '--resume', retryFailed: '--retry-failed', force: '--force' }[needsFile];
    throw new UsageError(`${option} needs the output it is about: -o FILE.`);
  }
  if (flags.json && flags.output === '-')
    throw new UsageError('--json and -o - would both write to standard output: give -o FILE.');
  if (flags.csvSafe && (flags.output === undefined || formatOf(flags.output).rows !== 'csv'))
    throw new UsageError('--csv-safe is about CSV, and the output is JSON Lines: give -o FILE.csv.');
  if ((flags.cert === undefined) !== (flags.key === undefined))
    throw new UsageError('--cert and --key go together.');
  const concurrency = flags.concurrency ?? 100;
  if (flags.expect !== undefined && flags.expect > concurrency)
    throw new UsageError(`--expect ${flags.expect} can't be reached with -c ${concurrency}.`);
}
