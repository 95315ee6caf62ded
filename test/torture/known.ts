import type { Peer } from './case.ts';

/** A difference between abreast and other clients that is as it should be. */
export interface Known {
  /** What is unusual about the answer: names of oddities; `*` is any text. */
  readonly marks: readonly string[];
  readonly peers: readonly Peer[];
  /** What abreast does: it refuses what they take, takes what they refuse, or gives another answer. */
  readonly way: 'refuses' | 'accepts' | 'differs';
  readonly rfc: string;
  readonly says: string;
}

const BOTH: readonly Peer[] = ['undici', 'curl'];

/**
 * All known differences. One that is not here is a failure, until somebody has read what the RFC says, and has added
 * it here or corrected abreast.
 */
export const KNOWN: readonly Known[] = [
  {
    marks: ['reason-control-character', 'reason-bare-cr'],
    peers: BOTH,
    way: 'refuses',
    rfc: 'RFC 9112 §4',
    says: 'a reason phrase has no control characters but HTAB',
  },
  {
    marks: ['status-line-spaces', 'version-minor', 'version-other', 'not-http', 'status-no-three-digits'],
    peers: BOTH,
    way: 'refuses',
    rfc: 'RFC 9112 §4',
    says: 'a status line is the version, one space, three digits, one space; a recipient may be lenient, and need not',
  },
  {
    marks: ['status-line-empty-before'],
    peers: BOTH,
    way: 'refuses',
    rfc: 'RFC 9112 §2.2',
    says: 'only a server ignores an empty line before the first one',
  },
  {
    marks: ['status-101'],
    peers: BOTH,
    way: 'refuses',
    rfc: 'RFC 9110 §7.8',
    says: 'a server must not switch to a protocol that the client did not name',
  },
  {
    marks: ['field-space-first'],
    peers: BOTH,
    way: 'refuses',
    rfc: 'RFC 9112 §2.2',
    says: 'a recipient of whitespace before the first field rejects the message or drops the line',
  },
  {
    marks: ['field-name-*', 'field-no-colon'],
    peers: BOTH,
    way: 'refuses',
    rfc: 'RFC 9110 §5.1',
    says: 'a field name is a token',
  },
  {
    marks: ['field-space-before-colon'],
    peers: BOTH,
    way: 'refuses',
    rfc: 'RFC 9112 §5.1',
    says: 'no whitespace stands between name and colon; it has been used to smuggle answers',
  },
  {
    marks: ['field-value-nul', 'field-value-bare-cr', 'field-value-control-character'],
    peers: BOTH,
    way: 'refuses',
    rfc: 'RFC 9110 §5.5',
    says: 'a recipient rejects CR, LF and NUL in a value, or replaces them; other control characters are invalid',
  },
  {
    marks: ['field-folded', 'trailer-folded'],
    peers: ['undici'],
    way: 'accepts',
    rfc: 'RFC 9112 §5.2',
    says: 'a user agent must read a folded line as spaces, though no server may send one',
  },
  {
    marks: ['head-too-long', 'field-value-very-long', 'fields-very-many'],
    peers: BOTH,
    way: 'refuses',
    rfc: 'RFC 9110 §5.4',
    says: 'a client may bound the fields that it takes: 64 KiB',
  },
  {
    marks: ['interim-flood', 'interim-up-to-limit'],
    peers: BOTH,
    way: 'refuses',
    rfc: 'RFC 9110 §15.2',
    says: 'a client takes one or more 1xx; how many is not said: 32',
  },
  {
    marks: ['interim-chunked'],
    peers: BOTH,
    way: 'refuses',
    rfc: 'RFC 9112 §6.1',
    says: 'a server must not send Transfer-Encoding with a 1xx',
  },
  {
    marks: ['line-end-lf', 'blank-line-odd', 'trailer-end-lf', 'chunk-*-end-lf', 'last-chunk-end-lf'],
    peers: BOTH,
    way: 'refuses',
    rfc: 'RFC 9112 §2.2',
    says: 'a recipient may take LF for CR LF, and need not: two that differ in it can be played against each other',
  },
  {
    marks: ['line-end-odd', 'chunk-size-end-odd', 'chunk-data-end-odd', 'trailer-bare-cr'],
    peers: BOTH,
    way: 'refuses',
    rfc: 'RFC 9112 §2.2',
    says: 'a bare CR is invalid',
  },
  {
    marks: ['length-no-number', 'length-empty', 'length-twice', 'length-huge'],
    peers: BOTH,
    way: 'refuses',
    rfc: 'RFC 9112 §6.3 (5)',
    says: 'an invalid Content-Length can not be recovered from: the client discards the answer',
  },
  {
    marks: ['length-twice-same'],
    peers: BOTH,
    way: 'refuses',
    rfc: 'RFC 9110 §8.6',
    says: 'a repeated Content-Length may be read as one or rejected',
  },
  {
    marks: ['length-list-empty'],
    peers: BOTH,
    way: 'refuses',
    rfc: 'RFC 9110 §8.6',
    says: 'Content-Length is digits, and no list with empty elements',
  },
  {
    marks: ['length-and-chunked'],
    peers: BOTH,
    way: 'refuses',
    rfc: 'RFC 9112 §6.3 (3)',
    says: 'Content-Length beside Transfer-Encoding may be an attack, and ought to be an error',
  },
  {
    marks: ['transfer-coding-*'],
    peers: BOTH,
    way: 'refuses',
    rfc: 'RFC 9112 §7.4, §7.1',
    says: 'a server may use no coding but chunked, once, unless TE asks for it; abreast sends no TE',
  },
  {
    marks: ['transfer-coding-list-empty', 'transfer-coding-spaces'],
    peers: ['undici'],
    way: 'accepts',
    rfc: 'RFC 9110 §5.6.1.2, §5.5',
    says: 'empty elements of a list are ignored, and spaces around a value are no part of it: the body is chunked',
  },
  {
    marks: ['transfer-coding-list-empty', 'transfer-coding-spaces'],
    peers: ['undici'],
    way: 'differs',
    rfc: 'RFC 9110 §5.6.1.2, §5.5',
    says: 'empty elements of a list are ignored, and spaces around a value are no part of it: the body is chunked',
  },
  {
    marks: ['chunk-size-zeros'],
    peers: ['curl'],
    way: 'accepts',
    rfc: 'RFC 9112 §7.1',
    says: 'a chunk size may have any number of digits; what counts is the number',
  },
  {
    marks: ['chunk-size-padded'],
    peers: ['undici'],
    way: 'accepts',
    rfc: 'RFC 9112 §7.1.1',
    says: 'spaces stand only before an extension; servers that pad a size without one are read as curl reads them',
  },
  {
    marks: ['chunk-size-*', 'last-chunk-wrong'],
    peers: BOTH,
    way: 'refuses',
    rfc: 'RFC 9112 §7.1',
    says: 'a chunk size is hexadecimal digits',
  },
  {
    marks: ['chunk-extension-*'],
    peers: BOTH,
    way: 'refuses',
    rfc: 'RFC 9112 §7.1.1',
    says: 'an extension is tokens and quoted strings, and a recipient should bound them',
  },
  {
    marks: ['trailer-wrong', 'trailer-nul', 'trailer-control-character', 'trailer-too-long'],
    peers: BOTH,
    way: 'refuses',
    rfc: 'RFC 9112 §7.1.2',
    says: 'trailers are fields, and what holds for fields of a head holds for them',
  },
  {
    marks: ['whole-reset'],
    peers: BOTH,
    way: 'accepts',
    rfc: 'RFC 9112 §9.6',
    says: 'a reset may erase what a client has not read yet: one that has read the whole answer by then takes it',
  },
  {
    marks: ['whole-reset'],
    peers: BOTH,
    way: 'refuses',
    rfc: 'RFC 9112 §9.6',
    says: 'a reset may erase what a client has not read yet, and a body without a length is whole only with a proper end',
  },
  {
    marks: ['trailer-unended', 'cut-end', 'cut-reset'],
    peers: BOTH,
    way: 'refuses',
    rfc: 'RFC 9112 §8',
    says: 'an answer whose connection ends within its head, or before its framing does, is not complete',
  },
  {
    marks: ['interim', 'interim-odd', 'interim-up-to-limit'],
    peers: ['undici'],
    way: 'accepts',
    rfc: 'RFC 9110 §15.2',
    says: 'a client must be able to read any 1xx before the answer',
  },
  {
    marks: ['field-value-very-long', 'fields-very-many', 'trailers-many', 'reason-odd'],
    peers: BOTH,
    way: 'accepts',
    rfc: 'RFC 9110 §5.4',
    says: 'no limit is set; undici takes 16 KiB, abreast 64',
  },
  {
    marks: ['length-spaces'],
    peers: ['undici'],
    way: 'accepts',
    rfc: 'RFC 9110 §5.5',
    says: 'whitespace around a value is no part of it',
  },
  {
    marks: ['trailer-framing'],
    peers: ['undici'],
    way: 'accepts',
    rfc: 'RFC 9110 §6.5.1',
    says: 'trailers are kept apart from the head, so none of them frames anything',
  },
  {
    marks: ['chunk-extension', 'chunk-extension-odd'],
    peers: ['undici'],
    way: 'accepts',
    rfc: 'RFC 9112 §7.1.1',
    says: 'a recipient ignores extensions that it does not know; whitespace around them is bad, and allowed',
  },
  {
    marks: ['coded-nothing'],
    peers: ['undici'],
    way: 'accepts',
    rfc: 'RFC 9110 §8.4',
    says: 'no coding makes nothing of something: an empty body is empty, as browsers have it',
  },
  {
    marks: ['content-coding-unknown', 'content-coding-unknown-in-list'],
    peers: BOTH,
    way: 'accepts',
    rfc: 'RFC 9110 §8.4',
    says: 'what to do with a coding that was not asked for is not said; abreast gives the bytes as they came',
  },
  {
    marks: ['content-coding-unknown-in-list', 'content-coding-list-odd'],
    peers: BOTH,
    way: 'differs',
    rfc: 'RFC 9110 §8.4, §5.6.1.2',
    says: 'codings are undone in the order of the list, the last one first; empty elements and identity are none',
  },
  {
    marks: ['content-coding-list-odd', 'content-coding-name-written-oddly', 'content-coding-identity'],
    peers: BOTH,
    way: 'accepts',
    rfc: 'RFC 9110 §8.4, §5.6.1.2',
    says: 'names of codings have no case, and empty elements of a list are ignored',
  },
  {
    marks: ['members-gzip'],
    peers: ['curl'],
    way: 'accepts',
    rfc: 'RFC 1952 §2.2',
    says: 'a gzip file is one member or several',
  },
  {
    marks: ['members-zstd', 'zstd-skippable-frame'],
    peers: BOTH,
    way: 'differs',
    rfc: 'RFC 8878 §3',
    says: 'zstd is one frame or several, and skippable ones are passed over',
  },
  {
    marks: ['members-zstd', 'zstd-skippable-frame'],
    peers: BOTH,
    way: 'accepts',
    rfc: 'RFC 8878 §3',
    says: 'zstd is one frame or several, and skippable ones are passed over',
  },
  {
    marks: ['bomb-*'],
    peers: BOTH,
    way: 'refuses',
    rfc: 'RFC 9110 §17.5',
    says: 'a recipient should bound what it takes: maxBody holds for the decoded body',
  },
  {
    marks: ['cut-br', 'cut-deflate', 'cut-gzip', 'cut-zstd'],
    peers: BOTH,
    way: 'refuses',
    rfc: 'RFC 9110 §8.4',
    says: 'a coded body without its end is not what its coding says',
  },
  {
    marks: ['deflate-raw', 'coded-otherwise-*'],
    peers: BOTH,
    way: 'refuses',
    rfc: 'RFC 9110 §8.4.1.2',
    says: 'deflate is the zlib format; what leaves its head out does not conform',
  },
  {
    marks: ['garbage-after-*', 'zeros-after-*'],
    peers: BOTH,
    way: 'refuses',
    rfc: 'RFC 1952 §2.2, RFC 1950, RFC 7932, RFC 8878 §3',
    says: 'nothing follows the end of coded data',
  },
  {
    marks: ['flipped-*', 'content-coding-list-long', 'not-coded-*'],
    peers: BOTH,
    way: 'refuses',
    rfc: 'RFC 9110 §8.4',
    says: 'the body is not what its coding says; check sums are checked',
  },
  {
    marks: ['no-redirect'],
    peers: ['curl'],
    way: 'accepts',
    rfc: 'RFC 9110 §15.4',
    says: '301, 302, 303, 307 and 308 lead elsewhere by themselves; curl follows Location with any 3xx',
  },
  {
    marks: ['redirect-empty', 'redirect-fragment-only'],
    peers: BOTH,
    way: 'refuses',
    rfc: 'RFC 3986 §4.4',
    says: 'a reference that is empty, or a fragment, means the document itself: a circle',
  },
  {
    marks: ['redirect-backslashes', 'redirect-slashes', 'redirect-not-ascii', 'redirect-characters'],
    peers: ['curl'],
    way: 'accepts',
    rfc: 'RFC 3986 §2',
    says: 'these are no URI references; abreast reads them as browsers do (WHATWG URL)',
  },
  {
    marks: ['redirect-userinfo'],
    peers: ['undici'],
    way: 'accepts',
    rfc: 'RFC 3986 §3.2.1',
    says: 'a URL may have a user; fetch() refuses it across origins, which is a rule of browsers',
  },
  {
    marks: ['h2-reset-*'],
    peers: BOTH,
    way: 'refuses',
    rfc: 'RFC 9113 §8.1',
    says: 'RST_STREAM before END_STREAM leaves the answer incomplete, whatever its code',
  },
  {
    marks: ['h2-head-too-long'],
    peers: BOTH,
    way: 'refuses',
    rfc: 'RFC 9113 §6.5.2',
    says: 'SETTINGS_MAX_HEADER_LIST_SIZE says what a client takes: 64 KiB',
  },
  {
    marks: ['h2-fields-more-than-128'],
    peers: ['undici'],
    way: 'accepts',
    rfc: 'RFC 9113 §6.5.2',
    says: 'the size of a head is bounded, not the number of its fields; Node takes 128 unless told otherwise',
  },
  {
    marks: ['h2-status-odd'],
    peers: BOTH,
    way: 'refuses',
    rfc: 'RFC 9110 §15',
    says: 'a status is three digits from 100 to 599',
  },
  {
    marks: ['h2-*-flood'],
    peers: BOTH,
    way: 'refuses',
    rfc: 'RFC 9113 §10.5',
    says: 'what is within the rules and costs more than it is worth may end a connection (ENHANCE_YOUR_CALM)',
  },
  {
    marks: ['h2-*-flood'],
    peers: BOTH,
    way: 'accepts',
    rfc: 'RFC 9113 §10.5',
    says: 'where a flood begins is not said',
  },
  {
    marks: ['h2-frame-too-long'],
    peers: BOTH,
    way: 'refuses',
    rfc: 'RFC 9113 §4.2',
    says: 'a frame above SETTINGS_MAX_FRAME_SIZE is an error; curl 7.88 gives an empty body',
  },
  {
    marks: ['h2-ping-answer-unasked'],
    peers: BOTH,
    way: 'refuses',
    rfc: 'RFC 9113 §6.7',
    says: 'what to do with the answer to a PING that nobody sent is not said; Node ends the connection',
  },
  {
    marks: ['h2-priority-on-stream-0'],
    peers: BOTH,
    way: 'accepts',
    rfc: 'RFC 9113 §6.3',
    says: 'it is an error; Node ignores it, as all of PRIORITY is deprecated, and it changes no answer',
  },
  {
    marks: ['h2-altsvc-wrong'],
    peers: BOTH,
    way: 'refuses',
    rfc: 'RFC 7838 §4',
    says: 'an ALTSVC frame without an origin is ignored; Node ends the connection',
  },
  {
    marks: ['h2-field-name-wrong', 'h2-field-value-wrong'],
    peers: BOTH,
    way: 'accepts',
    rfc: 'RFC 9113 §8.2.1',
    says: 'a field with forbidden characters makes an answer malformed; Node drops the field, and none of it is in the result',
  },
];

/** Its row of the table in docs/robustness.md. */
export function rowOf({ marks, peers, way, rfc, says }: Known): string {
  return `| ${marks.join(', ')} | ${way} | ${peers.join(', ')} | ${rfc} | ${says} |`;
}

/** Why abreast may differ from `peer` in this way on an answer with these marks; null when nobody has said so. */
export function knownOf(marks: readonly string[], peer: Peer, way: Known['way']): Known | null {
  const isMeant = (entry: Known) =>
    entry.marks.some((pattern) => marks.some((mark) => matches(pattern, mark)));
  return KNOWN.find((entry) => entry.way === way && entry.peers.includes(peer) && isMeant(entry)) ?? null;
}

function matches(pattern: string, mark: string): boolean {
  const [start = '', end] = pattern.split('*');
  return end === undefined ? mark === pattern : mark.startsWith(start) && mark.endsWith(end);
}
