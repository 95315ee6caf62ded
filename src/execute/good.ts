import { FetchError, type Result } from '../fetch/index.ts';
import type { GoodAnswer } from './order.ts';

/** Why an answer is not good; null when it is, or was an error before. */
export function faultOf(result: Result, good: GoodAnswer): FetchError | null {
  const { status, error } = result;
  if (error !== null || status === null) return null;
  if (!good.status.some(([from, to]) => from <= status && status <= to))
    return new FetchError('status', `the server answered ${status}; good is ${rangesText(good.status)}`);
  if (good.contentType === null) return null;
  const given = mediaType(result.headers?.['content-type']);
  if (good.contentType.some((wanted) => isOfType(given, wanted.toLowerCase()))) return null;
  return new FetchError(
    'content-type',
    `the answer is of type ${given ?? 'unknown: it has no content-type'}; good is ${good.contentType.join(', ')}`,
  );
}

function rangesText(ranges: GoodAnswer['status']): string {
  return ranges.map(([from, to]) => (from === to ? `${from}` : `${from}-${to}`)).join(', ');
}

/** 'application/json' of 'Application/JSON; charset=utf-8' (RFC 9110 §8.3.1). */
function mediaType(header: string | undefined): string | null {
  return header?.split(';', 1)[0]?.trim().toLowerCase() || null;
}

function isOfType(given: string | null, wanted: string): boolean {
  if (given === null) return false;
  return wanted.endsWith('/*') ? given.startsWith(wanted.slice(0, -1)) : given === wanted;
}
