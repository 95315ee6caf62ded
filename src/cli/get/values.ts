import { isIP } from 'node:net';
import { InvalidArgumentError } from 'commander';
import { DURATION, type Duration, RATE, type Rate } from '../../fetch/index.ts';
import type { FailureLimit } from '../../tally/index.ts';

/** Parsers of single option values. Each throws InvalidArgumentError, which says what would have been right. */

/** '250ms', '10s', '5m', '1h'. */
export function duration(value: string): Duration {
  if (Number.parseFloat(value) === 0) throw new InvalidArgumentError('It must be longer than 0.');
  if (!DURATION.test(value)) {
    const meant = /^\d+(\.\d+)?$/.test(value) ? `${value}s or ${value}ms` : '250ms, 10s, 5m or 1h';
    throw new InvalidArgumentError(`A duration is a number and its unit: ${meant}.`);
  }
  return value as Duration;
}

/** '10/s', '600/m', '36000/h'. */
export function rate(value: string): Rate {
  if (!RATE.test(value)) {
    const meant = /^\d+(\.\d+)?$/.test(value) && Number(value) > 0 ? `${value}/s` : '10/s, 600/m or 36000/h';
    throw new InvalidArgumentError(`A rate is a number above 0 per unit of time: ${meant}.`);
  }
  return value as Rate;
}

/** A whole number of at least 1. */
export function positive(value: string): number {
  if (!/^\d+$/.test(value) || Number(value) < 1 || !Number.isSafeInteger(Number(value)))
    throw new InvalidArgumentError('It must be a whole number, 1 or more.');
  return Number(value);
}

/** A whole number of at least 0. */
export function wholeNumber(value: string): number {
  if (!/^\d+$/.test(value) || !Number.isSafeInteger(Number(value)))
    throw new InvalidArgumentError('It must be a whole number, 0 or more.');
  return Number(value);
}

const BYTES = { '': 1, b: 1, kb: 2 ** 10, mb: 2 ** 20, gb: 2 ** 30 } as const;

/** Bytes: '1048576', '512KB', '64MB', '2GB'; a KB is 1,024 bytes. */
export function byteSize(value: string): number {
  const match = /^(\d+(?:\.\d+)?)\s*([kmg]?b)?$/i.exec(value);
  const bytes =
    match && Math.floor(Number(match[1]) * BYTES[(match[2] ?? '').toLowerCase() as keyof typeof BYTES]);
  if (!bytes || !Number.isSafeInteger(bytes))
    throw new InvalidArgumentError('A size is a number of bytes above 0: 1048576, 512KB, 64MB or 2GB.');
  return bytes;
}

/** Which statuses are good. */
export interface StatusRanges {
  readonly text: string;
  readonly allows: (status: number) => boolean;
}

/** '200-399', '200,204,301-304'. */
export function statusRanges(text: string): StatusRanges {
  const ranges = text.split(',').map((part) => {
    const match = /^([1-5]\d\d)(?:-([1-5]\d\d))?$/.exec(part.trim());
    const from = Number(match?.[1]);
    const to = Number(match?.[2] ?? from);
    if (match === null || to < from)
      throw new InvalidArgumentError(
        'Statuses are numbers and ranges of 100 to 599: 200-399, or 200,204,301-304.',
      );
    return { from, to };
  });
  return { text, allows: (status) => ranges.some(({ from, to }) => from <= status && status <= to) };
}

/** '10' or '1%'. */
export function failureLimit(value: string): FailureLimit {
  const match = /^(\d+(?:\.\d+)?)(%?)$/.exec(value);
  const number = Number(match?.[1]);
  if (match?.[2] === '%' && number <= 100) return { percent: number };
  if (match?.[2] === '' && Number.isSafeInteger(number)) return { count: number };
  throw new InvalidArgumentError('It must be a number of failures, or a share of all: 10, or 1%.');
}

/** A name, or an address in brackets, as in a URL. */
const HOST = String.raw`\[[\da-fA-F:.]+\]|[^:\[\]]+`;
const RESOLVE = new RegExp(String.raw`^\+?(${HOST}):(\d+):(.+)$`);
const CONNECT_TO = new RegExp(String.raw`^((?:${HOST})?):(\d*):((?:${HOST})?):(\d*)$`);

/** 'host:port:address[,address]', as curl's --resolve; '*' for any host; collects. */
export function resolveEntry(
  value: string,
  before: Readonly<Record<string, readonly string[]>> = {},
): Readonly<Record<string, readonly string[]>> {
  const [, host = '', port = '', list = ''] = RESOLVE.exec(value) ?? [];
  const addresses = list.split(',').map((address) => address.replace(/^\[(.*)\]$/, '$1'));
  if (!isPort(port) || !addresses.every((address) => isIP(address) !== 0))
    throw new InvalidArgumentError('It must be HOST:PORT:ADDRESS[,ADDRESS]: example.com:443:127.0.0.1.');
  return { ...before, [`${host.toLowerCase()}:${port}`]: addresses };
}

/** 'host:port:otherhost:otherport', as curl's --connect-to, where each part may be empty; collects. */
export function connectToEntry(
  value: string,
  before: Readonly<Record<string, string>> = {},
): Readonly<Record<string, string>> {
  const match = CONNECT_TO.exec(value);
  if (match === null || ![match[2]!, match[4]!].every((port) => port === '' || isPort(port)))
    throw new InvalidArgumentError('It must be HOST:PORT:TOHOST:TOPORT: example.com:443:127.0.0.1:8443.');
  return { ...before, [`${match[1]!.toLowerCase()}:${match[2]}`]: `${match[3]}:${match[4]}` };
}

function isPort(text: string): boolean {
  return /^\d+$/.test(text) && Number(text) >= 1 && Number(text) <= 65_535;
}

/** Collects an option that may be given more than once. */
export function collect(value: string, before: readonly string[] = []): readonly string[] {
  return [...before, value];
}
