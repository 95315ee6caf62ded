import { BOTH, type Known } from './difference.ts';

/** Of content codings. */
export const CODINGS: readonly Known[] = [
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
];
