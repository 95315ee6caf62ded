import { either, refused, valid } from '../../case.ts';
import { MAX_BODY } from '../../profiles.ts';
import { block, data, END_HEADERS, END_STREAM, type Field, frame, headers, TYPE } from '../frames.ts';
import { broken, head, OK, type Way, wholeOrBroken } from '../way.ts';

/** Heads that are unusual or wrong. */
export const HEADS: readonly Way[] = [
  head('fields-more-than-128', wholeOrBroken, [
    ...OK,
    ...Array.from({ length: 400 }, (_, i): Field => [`x-${i}`, 'y']),
  ]),
  head(
    'status-wrong',
    broken,
    [[':status', 'abc']],
    [[':status', '']],
    [[':status', '1000']],
    [[':status', '20']],
    [[':status', '2 0']],
    [[':status', '-200']],
  ),
  head(
    'status-odd',
    (body) =>
      either(broken(), {
        answers: [0, 99, 600, 999].map((status) => ({ status, body })),
        errors: ['bad-header'],
      }),
    [[':status', '099']],
    [[':status', '000']],
    [[':status', '600']],
    [[':status', '999']],
  ),
  head('status-left-out', broken, [['x', 'y']], []),
  head('status-twice', broken, [
    [':status', '200'],
    [':status', '404'],
  ]),
  head('status-101', broken, [[':status', '101']]),
  head('status-behind-fields', broken, [
    ['x', 'y'],
    [':status', '200'],
  ]),
  head(
    'pseudo-field-wrong',
    broken,
    [...OK, [':path', '/']],
    [...OK, [':x', '/']],
    [[':method', 'GET'], ...OK],
  ),
  head('field-name-upper-case', broken, [...OK, ['X-Upper', 'y']]),
  head(
    'field-name-wrong',
    wholeOrBroken,
    [...OK, ['x y', 'z']],
    [...OK, ['', 'z']],
    [...OK, ['x\0', 'z']],
    [...OK, ['x:', 'z']],
    [...OK, ['\xe9', 'z']],
  ),
  head(
    'field-value-wrong',
    wholeOrBroken,
    [...OK, ['x', 'a\0b']],
    [...OK, ['x', 'a\r\nb: c']],
    [...OK, ['x', 'a\nb']],
    [...OK, ['x', ' a ']],
  ),
  head(
    'field-of-connection',
    wholeOrBroken,
    [...OK, ['connection', 'close']],
    [...OK, ['transfer-encoding', 'chunked']],
    [...OK, ['upgrade', 'h2c']],
    [...OK, ['keep-alive', 'x']],
  ),
  // RFC 9113 §5.4.1: a client may end the connection for an error of one stream.
  {
    ...head(
      'length-wrong',
      broken,
      [...OK, ['content-length', '1']],
      [...OK, ['content-length', '100000']],
      [...OK, ['content-length', 'abc']],
      [...OK, ['content-length', '-1']],
      [...OK, ['content-length', '99999999999999999999']],
      [...OK, ['content-length', '3'], ['content-length', '4']],
      [...OK, ['content-length', '']],
    ),
    harms: 'connection',
  },
  head('length-above-limit', () => refused('body-too-large', 'protocol', 'body-truncated', 'reset'), [
    ...OK,
    ['content-length', String(MAX_BODY + 1)],
  ]),
  {
    mark: 'content-on-204',
    harms: 'connection',
    answer: (stream, body) => [headers(stream, [[':status', '204']]), data(stream, body, END_STREAM)],
    truth: (body) => either(broken(), valid(204, body), valid(204, Buffer.alloc(0))),
  },
  {
    mark: 'head-too-long',
    harms: 'connection',
    answer: (stream, body) => {
      const bytes = block([
        ...OK,
        ...Array.from({ length: 30 }, (_, i): Field => [`x-${i}`, 'y'.repeat(4000)]),
      ]);
      const pieces = Array.from({ length: Math.ceil(bytes.length / 16_000) }, (_, i) =>
        bytes.subarray(i * 16_000, (i + 1) * 16_000),
      );
      return [
        Buffer.concat(
          pieces.map((piece, i) =>
            frame(
              i === 0 ? TYPE.headers : TYPE.continuation,
              i === pieces.length - 1 ? END_HEADERS : 0,
              stream,
              piece,
            ),
          ),
        ),
        data(stream, body, END_STREAM),
      ];
    },
    truth: wholeOrBroken,
  },
];
