import { type Expected, either, type Http2Scene, refused, type Step, type Truth, valid } from '../case.ts';
import type { Plan, PlannedAsk } from '../plan.ts';
import { MAX_BODY } from '../profiles.ts';
import type { Random } from '../random.ts';
import {
  block,
  data,
  END_HEADERS,
  END_STREAM,
  ERROR,
  type Field,
  frame,
  goaway,
  headers,
  PADDED,
  PRIORITY,
  ping,
  rstStream,
  SETTING,
  settings,
  TYPE,
  uint32,
  windowUpdate,
} from './frames.ts';

/** One way of an HTTP/2 server: what it says to a request, and what may come of that. */
interface Way {
  readonly mark: string;
  /** On a connection that has others, whom it may not harm; else alone. */
  readonly harms: 'stream' | 'connection';
  /** It ends in silence, so that time limits have to end it. */
  readonly hasty?: boolean;
  readonly greeting?: (random: Random) => readonly Buffer[];
  readonly acknowledges?: boolean;
  /** It makes sense for one request only. */
  readonly alone?: true;
  answer(stream: number, body: Buffer, random: Random): readonly (Buffer | Step)[];
  truth(body: Buffer): Truth;
}

const OK: readonly Field[] = [[':status', '200']];

function ok(stream: number, body: Buffer, extra: readonly Field[] = []): Buffer[] {
  return [headers(stream, [...OK, ...extra]), data(stream, body, END_STREAM)];
}

/** Correct: nothing else may come of it. */
const whole = (body: Buffer): Truth => valid(200, body);
const broken = (): Truth => refused('protocol', 'reset', 'body-truncated', 'bad-header');
const wholeOrBroken = (body: Buffer): Truth => either(whole(body), broken());
const late = (): Truth => refused('timeout', 'timeout-idle', 'timeout-first-byte', 'timeout-connect');
const lateOrBroken = (): Truth => either(late(), broken());

/** A head that is unusual. */
function head(mark: string, truth: (body: Buffer) => Truth, ...heads: (readonly Field[])[]): Way {
  return {
    mark,
    harms: 'stream',
    answer: (stream, body, random) => [headers(stream, random.one(heads)), data(stream, body, END_STREAM)],
    truth,
  };
}

/** Frames before the answer, which are no part of it. */
function before(
  mark: string,
  harms: Way['harms'],
  truth: (body: Buffer) => Truth,
  frames: (stream: number, random: Random) => readonly (Buffer | Step)[],
): Way {
  return {
    mark,
    harms,
    answer: (stream, body, random) => [...frames(stream, random), ...ok(stream, body)],
    truth,
  };
}

const SOUND: readonly Way[] = [
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

const HEADS: readonly Way[] = [
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

const STREAMS: readonly Way[] = [
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

const CONNECTIONS: readonly Way[] = [
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

const GREETINGS: readonly Way[] = [
  {
    mark: 'goaway-below',
    harms: 'connection',
    alone: true,
    answer: (_stream, _body, random) => [
      goaway(0, random.one([ERROR.none, ERROR.calm, ERROR.internal]), '\x1b[31mcalm'),
    ],
    truth: lateOrBroken,
    hasty: true,
  },
  {
    mark: 'goaway-then-answer',
    harms: 'connection',
    alone: true,
    answer: (stream, body) => [goaway(stream, ERROR.none), ...ok(stream, body)],
    truth: whole,
  },
  {
    mark: 'goaway-in-body',
    harms: 'connection',
    alone: true,
    answer: (stream, body) => [
      headers(stream, OK),
      goaway(stream, ERROR.none),
      data(stream, body, END_STREAM),
    ],
    truth: whole,
  },
  {
    mark: 'goaway-after-answer',
    harms: 'connection',
    alone: true,
    answer: (stream, body) => [...ok(stream, body), goaway(stream, ERROR.none)],
    truth: whole,
  },
  {
    mark: 'goaway-of-all',
    harms: 'connection',
    alone: true,
    answer: (stream, body) => [
      goaway(0x7fffffff, ERROR.none),
      ...ok(stream, body),
      goaway(stream, ERROR.none),
    ],
    truth: whole,
  },
  {
    mark: 'goaway-with-error',
    harms: 'connection',
    alone: true,
    answer: (stream, _body, random) => [
      headers(stream, OK),
      goaway(stream, random.one([ERROR.internal, ERROR.calm, 999])),
    ],
    truth: lateOrBroken,
    hasty: true,
  },
  {
    mark: 'goaway-flood',
    harms: 'connection',
    alone: true,
    answer: (stream, body) => [{ flood: goaway(stream, ERROR.none), bytes: 100_000 }, ...ok(stream, body)],
    truth: wholeOrBroken,
  },
  {
    mark: 'goaway-first',
    harms: 'connection',
    alone: true,
    greeting: () => [settings(), goaway(0, ERROR.none)],
    answer: () => [],
    truth: lateOrBroken,
    hasty: true,
  },
  {
    mark: 'streams-0',
    harms: 'connection',
    greeting: () => [settings([SETTING.maxConcurrentStreams, 0])],
    answer: (stream, body) => ok(stream, body),
    truth: (body) => either(late(), whole(body), broken()),
    hasty: true,
  },
  {
    mark: 'streams-1',
    harms: 'connection',
    greeting: () => [settings([SETTING.maxConcurrentStreams, 1])],
    answer: (stream, body) => ok(stream, body),
    truth: whole,
  },
  {
    mark: 'streams-0-for-a-while',
    harms: 'connection',
    greeting: () => [settings([SETTING.maxConcurrentStreams, 10])],
    answer: (stream, body) => [
      settings([SETTING.maxConcurrentStreams, 0]),
      ...ok(stream, body),
      { pauseMs: 100 },
      settings([SETTING.maxConcurrentStreams, 5]),
    ],
    truth: whole,
  },
  {
    mark: 'streams-0-from-now-on',
    harms: 'connection',
    hasty: true,
    greeting: () => [settings([SETTING.maxConcurrentStreams, 10])],
    answer: (stream, body) => [settings([SETTING.maxConcurrentStreams, 0]), ...ok(stream, body)],
    truth: (body) => either(late(), whole(body), broken()),
  },
  {
    mark: 'streams-changing',
    harms: 'connection',
    greeting: (random) => [settings([SETTING.maxConcurrentStreams, random.between(1, 3)])],
    answer: (stream, body, random) => [
      settings([SETTING.maxConcurrentStreams, random.between(1, 4)]),
      ...ok(stream, body),
    ],
    truth: whole,
  },
  {
    mark: 'windows-tiny',
    harms: 'connection',
    greeting: () => [settings([SETTING.initialWindowSize, 0], [SETTING.headerTableSize, 0])],
    answer: (stream, body) => ok(stream, body),
    truth: whole,
  },
  {
    mark: 'settings-left-out',
    harms: 'connection',
    greeting: () => [],
    answer: (stream, body) => ok(stream, body),
    truth: wholeOrBroken,
    acknowledges: false,
  },
  {
    mark: 'settings-never-acknowledged',
    harms: 'connection',
    acknowledges: false,
    greeting: () => [settings()],
    answer: (stream, body) => ok(stream, body),
    truth: wholeOrBroken,
  },
  {
    mark: 'greeting-silent',
    harms: 'connection',
    acknowledges: false,
    greeting: () => [],
    answer: () => [],
    truth: late,
    hasty: true,
  },
  {
    mark: 'greeting-wrong',
    harms: 'connection',
    greeting: (random) => [
      random.one([
        Buffer.from('HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\n\r\n'),
        ping(),
        headers(1, OK),
        random.bytes(100),
        Buffer.alloc(100),
        Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'),
        frame(TYPE.settings, 0, 0, Buffer.alloc(3)),
      ]),
    ],
    answer: (stream, body) => ok(stream, body),
    truth: (body) => either(late(), broken(), whole(body)),
    hasty: true,
  },
];

const GROUPS: readonly (readonly [weight: number, ways: readonly Way[]])[] = [
  [3, SOUND],
  [3, HEADS],
  [4, STREAMS],
  [4, CONNECTIONS],
  [4, GREETINGS],
];

/** A server of HTTP/2 that is unusual in one way; a few requests, of which one or all meet it. */
export function http2Case(random: Random, label: string): Plan {
  const way = random.one(random.weighted(GROUPS));
  const count = way.alone
    ? 1
    : random.weighted([
        [3, 1],
        [2, random.between(2, 12)],
      ] as const);
  // Others on the same connection must be served as if nothing were.
  const others = way.harms === 'stream' && count > 1;
  const bodies = Array.from({ length: count }, (_, i) =>
    Buffer.from(`${label}${i} ${'x'.repeat(random.one([0, 10, 500, 5000]))}`),
  );
  const asks = bodies.map(
    (body, i): PlannedAsk => ({
      scheme: 'https',
      host: 'own',
      profile: way.hasty ? 'h2-hasty' : 'h2',
      truth:
        others && i > 0
          ? whole(body)
          : way.harms === 'connection' && count > 1
            ? either(way.truth(body), broken())
            : way.truth(body),
      peers: count === 1 && !way.hasty ? ['undici', 'curl'] : [],
    }),
  );
  const choices = random.below(2 ** 30);
  const scene: Http2Scene = {
    greeting: saying(way.greeting?.(random) ?? [settings()]),
    acknowledges: way.acknowledges ?? true,
    answer: (ask, _rest, stream) =>
      saying(
        others && ask > 0
          ? ok(stream, bodies[ask]!)
          : way.answer(stream, bodies[ask]!, random.fork(choices + ask)),
      ),
  };
  return { marks: [`h2-${way.mark}`], asks, scene: { http2: scene } };
}

function saying(parts: readonly (Buffer | Step)[]): Step[] {
  return parts.map((part) => (Buffer.isBuffer(part) ? { say: part } : part));
}
