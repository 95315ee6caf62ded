import { HEAD, type Oddity } from '../oddity.ts';

/** What comes before an answer, after it, or instead of its body. */
export const REST: readonly Oddity[] = [
  {
    mark: 'interim-up-to-limit',
    effect: 'fine',
    codes: [],
    bend: (draft) => {
      draft.interim = Array(30).fill('HTTP/1.1 103 Early Hints\r\n\r\n');
    },
  },
  {
    mark: 'interim-flood',
    effect: 'wrong',
    codes: HEAD,
    bend: (draft, random) => {
      draft.interim = Array(random.one([40, 1000, 20_000])).fill('HTTP/1.1 100 Continue\r\n\r\n');
    },
  },
  {
    mark: 'interim-odd',
    effect: 'fine',
    codes: [],
    bend: (draft, random) => {
      draft.interim.push(
        random.one([
          'HTTP/1.1 100\r\n\r\n',
          'HTTP/1.1 103 x\r\ncontent-length: 7\r\n\r\n',
          'HTTP/1.1 100 x\r\nconnection: close\r\n\r\n',
          'HTTP/1.0 100 Continue\r\n\r\n',
          'HTTP/1.1 102 x\r\nset-cookie: a=b\r\n\r\n',
        ]),
      );
    },
  },
  {
    mark: 'interim-chunked',
    effect: 'either',
    codes: ['bad-header'],
    bend: (draft) => {
      draft.interim.push('HTTP/1.1 103 x\r\ntransfer-encoding: chunked\r\n\r\n');
    },
  },
  {
    mark: 'length-without-body',
    effect: 'fine',
    codes: [],
    fits: ({ framing }) => framing === 'none',
    bend: (draft, random) => {
      draft.framingLines = [random.one(['Content-Length: 5', 'Content-Length: 0', 'Content-Length: 100000'])];
    },
  },
  {
    mark: 'excess',
    effect: 'fine',
    codes: [],
    fits: ({ framing, written }) => framing !== 'until-close' && written.length < 4000,
    bend: (draft, random) => {
      draft.excess = Buffer.from(
        random.one([
          'x',
          '\r\n',
          '\0',
          'HTTP/1.1 200 OK\r\ncontent-length: 8\r\n\r\nsmuggled',
          '\r\n\r\n',
          '0\r\n\r\n',
          '\x16\x03\x01',
        ]),
        'latin1',
      );
    },
  },
];
