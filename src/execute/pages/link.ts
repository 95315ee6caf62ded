import LinkHeader from 'http-link-header';
import { FetchError } from '../../fetch/index.ts';

/** The target of the first link with the relation `next` in a Link header (RFC 8288 §3); null where there is none. */
export function linkedNext(header: string | undefined): string | null {
  if (header === undefined) return null;
  // A link with an anchor is about another resource (RFC 8288 §3.2).
  const next = parsed(header)
    .rel('next')
    .find((link) => link.anchor === undefined);
  return next?.uri ?? null;
}

function parsed(header: string): LinkHeader {
  try {
    return LinkHeader.parse(header);
  } catch (error) {
    throw new FetchError('bad-page', `the answer's Link header can't be read: ${(error as Error).message}`);
  }
}
