import { coding, HEAD, type Oddity } from '../oddity.ts';

/** What Transfer-Encoding says. */
export const CODINGS: readonly Oddity[] = [
  coding('transfer-coding-spaces', 'fine', ' chunked', 'chunked ', '\tchunked\t'),
  coding('transfer-coding-list-empty', 'fine', 'chunked,', ',chunked', ', chunked'),
  coding(
    'transfer-coding-unasked',
    'wrong',
    'gzip, chunked',
    'gzip',
    'x, chunked',
    'deflate, chunked',
    'compress',
  ),
  coding('transfer-coding-identity', 'wrong', 'identity', 'identity, chunked'),
  coding('transfer-coding-chunked-not-last', 'wrong', 'chunked, gzip', 'chunked, identity'),
  coding(
    'transfer-coding-chunked-twice',
    'wrong',
    'chunked, chunked',
    'chunked\r\nTransfer-Encoding: chunked',
  ),
  coding(
    'transfer-coding-bad',
    'wrong',
    'xchunked',
    'chunk',
    '"chunked"',
    'chunked;q=1',
    'chunked x',
    '\x0bchunked',
    'chun\x80ked',
    'constructor',
    '__proto__',
  ),
  coding('transfer-coding-empty', 'either', ''),
  {
    mark: 'transfer-coding-in-http-1.0',
    effect: 'either',
    codes: HEAD,
    fits: ({ framing, version }) => framing === 'chunked' && version === '1.1',
    bend: (draft) => {
      draft.statusLine = draft.statusLine.replace('HTTP/1.1', 'HTTP/1.0');
    },
  },
];
