import type { Options } from '../../fetch/index.ts';
import { readHeaders, readOptionFile } from './headers.ts';
import type { GetFlags } from './options.ts';

/** The engine's options for these flags; the files they name are read. @throws UsageError */
export function engineOptions(flags: GetFlags): Options {
  return withoutUndefined({
    concurrency: flags.concurrency,
    perOrigin: flags.perOrigin,
    rate: flags.rate,
    perOriginRate: flags.perOriginRate,
    adapt: flags.adapt,
    connectTimeout: flags.connectTimeout,
    firstByteTimeout: flags.firstByteTimeout,
    idleTimeout: flags.idleTimeout,
    timeout: flags.timeout,
    retries: flags.retries,
    maxRetryAfter: flags.maxRetryAfter,
    maxBody: flags.maxBody,
    maxMemory: flags.maxMemory,
    maxRedirects: flags.maxRedirs,
    headers: readHeaders(flags.header ?? [], flags.user),
    userAgent: flags.userAgent,
    proxy: flags.proxy,
    resolve: flags.resolve,
    connectTo: flags.connectTo,
    family: flags.ipv4 ? 4 : flags.ipv6 ? 6 : undefined,
    blockPrivate: flags.private ? undefined : true,
    protocol: flags['http1.1'] ? 'http/1.1' : flags.http2 ? 'h2' : undefined,
    good: flags.good.allows,
    tls: withoutUndefined({
      insecure: flags.insecure,
      ca: flags.cacert === undefined ? undefined : readOptionFile('--cacert', flags.cacert),
      cert: flags.cert === undefined ? undefined : readOptionFile('--cert', flags.cert),
      key: flags.key === undefined ? undefined : readOptionFile('--key', flags.key),
      curves: flags.curves,
    }),
  });
}

type Given<Record_> = { [Key in keyof Record_]: Exclude<Record_[Key], undefined> };

/** An option that was not given is absent, so that the engine's default holds. */
function withoutUndefined<Record_ extends object>(record: Record_): Partial<Given<Record_>> {
  return Object.fromEntries(Object.entries(record).filter(([, value]) => value !== undefined)) as Partial<
    Given<Record_>
  >;
}
