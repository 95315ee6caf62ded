import { MAX_BODY } from '../../profiles.ts';
import {
  block,
  data,
  END_HEADERS,
  END_STREAM,
  ERROR,
  frame,
  headers,
  PADDED,
  ping,
  rstStream,
  SETTING,
  settings,
  TYPE,
  uint32,
  windowUpdate,
} from '../frames.ts';
import { before, broken, lateOrBroken, OK, ok, type Way, whole, wholeOrBroken } from '../way.ts';

/** What may go wrong on a connection: frames that concern all its streams. */
export const CONNECTIONS: readonly Way[] = [
  before('data-on-stream-0', 'connection', wholeOrBroken, () => [data(0, 'x')]),
  before('data-on-other-stream', 'connection', wholeOrBroken, (_stream, random) => [
    data(random.one([2, 99, 1001, 0x7fffffff]), 'x', END_STREAM),
  ]),
  before('head-on-other-stream', 'connection', wholeOrBroken, (_stream, random) => [
    headers(random.one([2, 99, 1001]), OK, END_STREAM),
  ]),
  before('reset-of-other-stream', 'connection', wholeOrBroken, (_stream, random) => [
    rstStream(random.one([0, 2, 99]), ERROR.cancel),
  ]),
  before('push-promise', 'connection', wholeOrBroken, (stream) => [
    frame(
      TYPE.pushPromise,
      END_HEADERS,
      stream,
      Buffer.concat([
        uint32(2),
        block([
          [':method', 'GET'],
          [':scheme', 'https'],
          [':authority', 'x'],
          [':path', '/'],
        ]),
      ]),
    ),
    headers(2, OK),
    data(2, 'pushed', END_STREAM),
  ]),
  before('window-overflow', 'connection', wholeOrBroken, (stream, random) => {
    const which = random.one([0, stream]);
    return [windowUpdate(which, 0x7fffffff), windowUpdate(which, 0x7fffffff)];
  }),
  before('window-of-zero', 'connection', wholeOrBroken, (stream, random) => [
    windowUpdate(random.one([0, stream]), 0),
  ]),
  before('settings-wrong', 'connection', wholeOrBroken, (_stream, random) => [
    random.one([
      settings([SETTING.initialWindowSize, 2 ** 31]),
      settings([SETTING.maxFrameSize, 1]),
      settings([SETTING.maxFrameSize, 2 ** 24]),
      settings([SETTING.enablePush, 1]),
      settings([SETTING.enablePush, 7]),
      frame(TYPE.settings, 0, 0, Buffer.alloc(5)),
      frame(TYPE.settings, 1, 0, Buffer.alloc(6)),
      frame(TYPE.settings, 1, 0),
      frame(TYPE.settings, 0, 1),
    ]),
  ]),
  before('settings-odd', 'connection', whole, (_stream, random) => [
    random.one([
      settings([0xabc, 7]),
      settings([SETTING.headerTableSize, 0]),
      settings([SETTING.headerTableSize, 0], [SETTING.headerTableSize, 4096]),
      settings([SETTING.headerTableSize, 2 ** 32 - 1]),
      settings([SETTING.initialWindowSize, 0]),
      settings([SETTING.maxFrameSize, 16_384]),
      settings([SETTING.maxFrameSize, 2 ** 24 - 1]),
      settings([SETTING.maxHeaderListSize, 1000]),
      settings(),
    ]),
  ]),
  before('ping-wrong', 'connection', broken, (_stream, random) => [
    random.one([frame(TYPE.ping, 0, 0, Buffer.alloc(7)), frame(TYPE.ping, 0, 1, Buffer.alloc(8))]),
  ]),
  before('ping-answer-unasked', 'connection', wholeOrBroken, () => [frame(TYPE.ping, 1, 0, Buffer.alloc(8))]),
  before('priority-on-stream-0', 'connection', wholeOrBroken, () => [
    frame(TYPE.priority, 0, 0, Buffer.alloc(5)),
  ]),
  before('frame-wrong', 'connection', broken, (stream, random) => [
    random.one([
      frame(TYPE.continuation, END_HEADERS, stream, block(OK)),
      frame(TYPE.rstStream, 0, stream, Buffer.alloc(3)),
      frame(TYPE.windowUpdate, 0, 0, Buffer.alloc(3)),
      frame(TYPE.goaway, 0, 0, Buffer.alloc(3)),
      frame(TYPE.goaway, 0, stream, Buffer.alloc(8)),
      frame(TYPE.data, PADDED, stream, Buffer.from('\xff', 'latin1')),
      frame(TYPE.headers, END_HEADERS | PADDED, stream, Buffer.from('\xff', 'latin1')),
    ]),
  ]),
  before('header-block-wrong', 'connection', broken, (stream, random) => [
    frame(
      TYPE.headers,
      END_HEADERS | END_STREAM,
      stream,
      random.one([
        Buffer.from('ffffffffffffff7f', 'hex'),
        Buffer.from('80', 'hex'),
        Buffer.from('c0', 'hex'),
        Buffer.from('00', 'hex'),
        Buffer.from('3fe1ff03', 'hex'),
        Buffer.from('0085ffffffff', 'hex'),
      ]),
    ),
  ]),
  before('frame-too-long', 'connection', broken, (stream) => [
    headers(stream, OK),
    data(stream, 'x'.repeat(20_000), END_STREAM),
  ]),
  before('frame-cut', 'connection', broken, (stream, random) => [
    headers(stream, OK),
    frame(TYPE.data, 0, stream, Buffer.from('x'.repeat(random.below(100))), 1000).subarray(
      0,
      random.between(1, 100),
    ),
    { finish: random.one(['end', 'reset'] as const) },
  ]),
  before('http-1.1-words', 'connection', broken, () => [
    Buffer.from('HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok'),
  ]),
  before('garbage', 'connection', lateOrBroken, (_stream, random) => [
    random.bytes(random.between(1, 3000)),
    { finish: 'end' },
  ]),
  before('settings-flood', 'connection', wholeOrBroken, () => [
    { flood: settings([SETTING.initialWindowSize, 65_535]), bytes: 200_000 },
  ]),
  before('settings-acks', 'connection', wholeOrBroken, () => [
    { flood: frame(TYPE.settings, 1, 0), bytes: 100_000 },
  ]),
  before('ping-flood', 'connection', wholeOrBroken, () => [{ flood: ping(), bytes: 500_000 }]),
  before('priority-flood', 'connection', wholeOrBroken, (stream) => [
    { flood: frame(TYPE.priority, 0, stream, Buffer.alloc(5)), bytes: 500_000 },
  ]),
  before('unknown-frame-flood', 'connection', wholeOrBroken, () => [
    { flood: frame(0xbb, 0, 0), bytes: 200_000 },
  ]),
  before('window-update-flood', 'connection', wholeOrBroken, (stream) => [
    { flood: windowUpdate(stream, 1), bytes: 300_000 },
  ]),
  before('interim-flood', 'connection', wholeOrBroken, (stream) => [
    {
      flood: headers(stream, [
        [':status', '103'],
        ['link', '</x>'],
      ]),
      bytes: 300_000,
    },
  ]),
  {
    mark: 'continuation-flood',
    harms: 'connection',
    answer: (stream) => [
      frame(TYPE.headers, 0, stream, block(OK)),
      { flood: frame(TYPE.continuation, 0, stream, block([['x', 'y'.repeat(1000)]])), bytes: 20 * MAX_BODY },
      { finish: 'end' },
    ],
    truth: broken,
  },
  {
    mark: 'continuations-too-many',
    harms: 'connection',
    answer: (stream, body) => {
      const bytes = block([...OK, ['x', 'y'.repeat(300)]]);
      return [
        Buffer.concat([
          frame(TYPE.headers, 0, stream, bytes.subarray(0, 5)),
          frame(TYPE.continuation, 0, stream),
          ...Array.from({ length: 20 }, (_, i) =>
            frame(TYPE.continuation, 0, stream, bytes.subarray(5 + i, 6 + i)),
          ),
          frame(TYPE.continuation, END_HEADERS, stream, bytes.subarray(25)),
        ]),
        data(stream, body, END_STREAM),
      ];
    },
    truth: wholeOrBroken,
  },
  {
    mark: 'altsvc-wrong',
    harms: 'connection',
    answer: (stream, body) => [frame(0xa, 0, 0, Buffer.from('\0\0altsvc')), ...ok(stream, body)],
    truth: wholeOrBroken,
  },
  {
    mark: 'empty-continuation-flood',
    harms: 'connection',
    answer: (stream) => [
      frame(TYPE.headers, 0, stream, block(OK)),
      { flood: frame(TYPE.continuation, 0, stream), bytes: 500_000 },
      { finish: 'end' },
    ],
    truth: broken,
  },
  {
    mark: 'empty-data-flood',
    harms: 'connection',
    answer: (stream, body) => [
      headers(stream, OK),
      { flood: data(stream, ''), bytes: 300_000 },
      data(stream, body, END_STREAM),
    ],
    truth: wholeOrBroken,
  },
  {
    mark: 'reset-flood',
    harms: 'connection',
    // Node does not always see that such a connection is lost.
    hasty: true,
    answer: (stream) => [{ flood: rstStream(stream, ERROR.refused), bytes: 100_000 }, { finish: 'end' }],
    truth: lateOrBroken,
  },
];
