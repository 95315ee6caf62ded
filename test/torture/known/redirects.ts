import { BOTH, type Known } from './difference.ts';

/** Of redirects. */
export const REDIRECTS: readonly Known[] = [
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
];
