import type { Expected } from '../../case.ts';
import {
  block,
  data,
  END_HEADERS,
  END_STREAM,
  type Field,
  frame,
  headers,
  PADDED,
  PRIORITY,
  TYPE,
  uint32,
} from '../frames.ts';
import { head, OK, ok, type Way, whole } from '../way.ts';

/** Unusual, and correct. */
export const SOUND: readonly Way[] = [
  { mark: 'sound', harms: 'stream', answer: (stream, body) => ok(stream, body), truth: whole },
  {
    mark: 'length-declared',
    harms: 'stream',
    answer: (stream, body) => ok(stream, body, [['content-length', String(body.length)]]),
    truth: whole,
  },
  {
    mark: 'many-data-frames',
    harms: 'stream',
    answer: (stream, body) => [
      headers(stream, OK),
      ...Array.from({ length: body.length }, (_, i) => data(stream, body.subarray(i, i + 1))),
      data(stream, '', END_STREAM),
    ],
    truth: whole,
  },
  {
    mark: 'padded',
    harms: 'stream',
    answer: (stream, body, random) => {
      const padding = random.below(256);
      const payload = Buffer.concat([Buffer.of(padding), body, Buffer.alloc(padding)]);
      return [headers(stream, OK), frame(TYPE.data, PADDED | END_STREAM, stream, payload)];
    },
    truth: whole,
  },
  {
    mark: 'head-with-priority-and-padding',
    harms: 'stream',
    answer: (stream, body) => [
      frame(
        TYPE.headers,
        END_HEADERS | PADDED | PRIORITY,
        stream,
        Buffer.concat([Buffer.of(3), uint32(0), Buffer.of(16), block(OK), Buffer.alloc(3)]),
      ),
      data(stream, body, END_STREAM),
    ],
    truth: whole,
  },
  {
    mark: 'head-in-pieces',
    harms: 'stream',
    answer: (stream, body) => {
      const bytes = block([...OK, ['x', 'y'.repeat(300)]]);
      // No other frame may come between (RFC 9113 §6.10).
      return [
        Buffer.concat([
          frame(TYPE.headers, 0, stream, bytes.subarray(0, 5)),
          frame(TYPE.continuation, 0, stream),
          ...Array.from({ length: 4 }, (_, i) =>
            frame(TYPE.continuation, 0, stream, bytes.subarray(5 + i, 6 + i)),
          ),
          frame(TYPE.continuation, END_HEADERS, stream, bytes.subarray(9)),
        ]),
        data(stream, body, END_STREAM),
      ];
    },
    truth: whole,
  },
  {
    mark: 'trailers',
    harms: 'stream',
    answer: (stream, body) => [
      headers(stream, OK),
      data(stream, body),
      headers(stream, [['x', 'y']], END_STREAM),
    ],
    truth: whole,
  },
  {
    mark: 'no-body',
    harms: 'stream',
    answer: (stream, _body, random) => [
      headers(stream, [[':status', random.one(['204', '304', '200', '404'])]], END_STREAM),
    ],
    truth: () => ({
      answers: [204, 304, 200, 404].map((status): Expected => ({ status, body: Buffer.alloc(0) })),
      errors: [],
    }),
  },
  {
    mark: 'interim',
    harms: 'stream',
    answer: (stream, body, random) => [
      ...Array.from({ length: random.between(1, 5) }, () =>
        headers(stream, [[':status', random.one(['100', '103', '102'])]]),
      ),
      ...ok(stream, body),
    ],
    truth: whole,
  },
  {
    mark: 'slow-pieces',
    harms: 'stream',
    answer: (stream, body) => [
      { pauseMs: 30 },
      headers(stream, OK),
      { pauseMs: 30 },
      data(stream, body.subarray(0, 3)),
      { pauseMs: 30 },
      data(stream, body.subarray(3), END_STREAM),
    ],
    truth: whole,
  },
  {
    mark: 'frames-unknown',
    harms: 'stream',
    answer: (stream, body) => [
      frame(0xbb, 255, 0, Buffer.alloc(50)),
      frame(0xbb, 255, stream, Buffer.alloc(50)),
      frame(0xa, 0, 0, Buffer.from('\0\x01aaltsvc')),
      ...ok(stream, body),
      frame(0x21, 0, stream),
    ],
    truth: whole,
  },
  head(
    'fields-odd',
    whole,
    [...OK, ['__proto__', 'a'], ['constructor', 'b']],
    [...OK, ['x', '']],
    [...OK, ['x', '\xe9']],
    [...OK, ['content-encoding', 'identity']],
  ),
  head('fields-many', whole, [...OK, ...Array.from({ length: 100 }, (_, i): Field => [`x-${i}`, 'y'])]),
  head('field-repeated', whole, [
    ...OK,
    ['x', 'a'],
    ['x', 'b'],
    ['set-cookie', 'a=1'],
    ['set-cookie', 'b=2'],
  ]),
  head('field-long', whole, [...OK, ['x', 'y'.repeat(10_000)]]),
];
