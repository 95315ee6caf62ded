import { DEFAULTS } from '../../fetch/index.ts';
import { version } from '../../package/index.ts';
import type { StoreMode, StoreOptions } from '../../store/index.ts';
import type { ProgressStyle } from '../../view/index.ts';
import { engineOptions } from './engine-options.ts';
import type { GetFlags } from './options.ts';
import { checkFlags, rowPlaces } from './places.ts';
import type { GetOrder } from './run.ts';

/** What a command line orders. @throws UsageError, InputError */
export function planGet(urls: readonly string[], flags: GetFlags): GetOrder {
  checkFlags(flags);
  const options = engineOptions(flags);
  const keepUrls = flags.keepUrls ?? false;
  const path = outputOf(flags);
  return {
    places: rowPlaces(urls, flags, options.headers ?? {}),
    count: flags.count,
    options,
    allOrigins: flags.allOrigins ?? false,
    output:
      path === null
        ? null
        : {
            path,
            how: {
              mode: modeOf(flags),
              bodies: bodiesOf(flags),
              keepUrls,
              csvSafe: flags.csvSafe ?? false,
            },
          },
    recorded: {
      recorder: { name: 'abreast get', version: version() },
      command: ['abreast', ...process.argv.slice(2)],
      wanted: options.concurrency ?? DEFAULTS.concurrency,
      ...(flags.expect !== undefined && { expect: flags.expect }),
      ...(flags.trace !== undefined && { tracePath: flags.trace }),
      keepUrls,
    },
    progress: progressOf(flags),
  };
}

/** Without -o, results go to standard output when something reads them there. */
function outputOf(flags: GetFlags): string | null {
  return flags.output ?? (flags.json || process.stdout.isTTY ? null : '-');
}

function modeOf(flags: GetFlags): StoreMode {
  if (flags.force) return 'force';
  if (flags.retryFailed) return 'retry-failed';
  return flags.resume ? 'resume' : 'new';
}

function bodiesOf({ bodies }: GetFlags): StoreOptions['bodies'] {
  return bodies === 'none' || bodies === 'inline' ? bodies : { folder: bodies };
}

function progressOf(flags: GetFlags): ProgressStyle {
  if (flags.quiet) return 'none';
  return flags.progress ?? (process.stderr.isTTY ? 'bar' : 'line');
}
