import { refused, type Step } from '../../case.ts';
import { MAX_BODY } from '../../profiles.ts';
import { data, END_STREAM, ERROR, headers, rstStream } from '../frames.ts';
import { broken, late, lateOrBroken, OK, ok, type Way, wholeOrBroken } from '../way.ts';

/** What may go wrong on one stream. */
export const STREAMS: readonly Way[] = [
  {
    mark: 'reset-at-once',
    harms: 'stream',
    answer: (stream, _body, random) => [
      rstStream(
        stream,
        random.one([ERROR.internal, ERROR.cancel, ERROR.protocol, ERROR.none, ERROR.calm, 999]),
      ),
    ],
    truth: broken,
  },
  {
    mark: 'reset-after-head',
    harms: 'stream',
    answer: (stream, _body, random) => [
      headers(stream, OK),
      rstStream(stream, random.one([ERROR.internal, ERROR.cancel, ERROR.none])),
    ],
    truth: broken,
  },
  {
    mark: 'reset-in-body',
    harms: 'stream',
    answer: (stream, body, random) => [
      headers(stream, OK),
      data(stream, body),
      rstStream(stream, random.one([ERROR.internal, ERROR.cancel, ERROR.none])),
    ],
    truth: broken,
  },
  {
    mark: 'reset-after-end',
    harms: 'stream',
    // RFC 9113 §8.1: a server that has answered may stop reading with NO_ERROR, and the answer stands.
    answer: (stream, body) => [...ok(stream, body), rstStream(stream, ERROR.none)],
    truth: wholeOrBroken,
  },
  { mark: 'refused', harms: 'stream', answer: (stream) => [rstStream(stream, ERROR.refused)], truth: broken },
  {
    mark: 'http-1.1-required',
    harms: 'stream',
    answer: (stream) => [rstStream(stream, ERROR.http11)],
    truth: broken,
  },
  { mark: 'silent', harms: 'stream', hasty: true, answer: () => [], truth: late },
  {
    mark: 'silent-after-head',
    harms: 'stream',
    hasty: true,
    answer: (stream) => [headers(stream, OK)],
    truth: late,
  },
  {
    mark: 'end-left-out',
    harms: 'stream',
    hasty: true,
    answer: (stream, body) => [headers(stream, OK), data(stream, body)],
    truth: late,
  },
  {
    mark: 'end-left-out-of-trailers',
    harms: 'stream',
    hasty: true,
    answer: (stream, body) => [headers(stream, OK), data(stream, body), headers(stream, [['x', 'y']])],
    truth: lateOrBroken,
  },
  {
    mark: 'slow-for-ever',
    harms: 'stream',
    hasty: true,
    answer: (stream) => [
      headers(stream, OK),
      ...Array.from({ length: 60 }, (): (Buffer | Step)[] => [{ pauseMs: 100 }, data(stream, 'x')]).flat(),
    ],
    truth: late,
  },
  {
    mark: 'data-after-end',
    harms: 'connection',
    answer: (stream, body) => [...ok(stream, body), data(stream, 'more'), data(stream, 'more', END_STREAM)],
    truth: wholeOrBroken,
  },
  {
    mark: 'data-before-head',
    harms: 'connection',
    answer: (stream, body) => [data(stream, 'early'), ...ok(stream, body)],
    truth: broken,
  },
  {
    mark: 'head-twice',
    harms: 'stream',
    answer: (stream, body) => [headers(stream, OK), headers(stream, OK), data(stream, body, END_STREAM)],
    truth: wholeOrBroken,
  },
  {
    mark: 'status-in-trailers',
    harms: 'stream',
    answer: (stream, body) => [
      headers(stream, OK),
      data(stream, body),
      headers(stream, [[':status', '500']], END_STREAM),
    ],
    truth: wholeOrBroken,
  },
  {
    mark: 'body-above-limit',
    harms: 'stream',
    answer: (stream) => [headers(stream, OK), { flood: data(stream, 'x'.repeat(4000)), bytes: 4 * MAX_BODY }],
    truth: () => refused('body-too-large'),
  },
];
