import { either, refused, type Step, type Truth, valid } from '../case.ts';
import { type Plan, single } from '../plan.ts';
import { MAX_BODY } from '../profiles.ts';
import type { Random } from '../random.ts';
import { delivered } from './delivery.ts';
import { bodyBytes, type Draft, headOf, soundDraft } from './draft.ts';
import { ODDITIES } from './oddities/index.ts';
import type { Oddity } from './oddity.ts';

/** An answer that is sound or unusual in one way or two. */
export function oddAnswer(random: Random, label: string): Plan {
  const draft = soundDraft(random, label);
  const oddities = oddButSound(random) ? [] : bent(draft, random);
  const bytes = Buffer.concat([headOf(draft), bodyBytes(draft), draft.excess]);
  const truth = truthOf(draft, oddities);
  const isSound = truth.errors.length === 0 && draft.framing !== 'until-close';
  const steps = draft.excess.length > 0 ? [{ say: bytes }] : delivered(bytes, random);
  return single({
    marks: [...oddities.map(({ mark }) => mark), ...interimMark(draft)],
    // What follows an answer unasked may be taken for the next one's; every client has that one limit.
    host: draft.excess.length > 0 ? 'own' : 'shared',
    steps: isSound && random.chance(0.8) ? steps : [...steps, { finish: 'end' }],
    truth,
    peers: ['undici', 'curl'],
  });
}

/** An answer that stops at any byte: with the connection's end, with a reset, or with silence. */
export function cutAnswer(random: Random, label: string): Plan {
  const draft = soundDraft(random, label);
  const head = headOf(draft).length;
  const bytes = Buffer.concat([headOf(draft), bodyBytes(draft)]);
  const at = random.weighted<() => number>([
    [3, () => random.below(bytes.length + 1)],
    [2, () => random.below(head + 1)],
    [1, () => random.one([0, 1, head - 1, head, head - 2, bytes.length - 1, bytes.length])],
  ])();
  const finish = random.one(['end', 'reset', 'hold'] as const);
  const kept = bytes.subarray(0, Math.max(0, at));
  return single({
    marks: [kept.length === bytes.length ? `whole-${finish}` : `cut-${finish}`, ...interimMark(draft)],
    profile: finish === 'hold' ? 'hasty' : 'patient',
    host: 'shared',
    steps: [...(random.chance(0.7) ? [{ say: kept }] : delivered(kept, random)), { finish }],
    truth: cutTruth(draft, head, bytes.length, kept, finish),
    peers: finish === 'hold' ? [] : ['undici', 'curl'],
  });
}

/** Answers without an end. */
export function floodAnswer(random: Random): Plan {
  const [mark, start, again, truth] = random.one(FLOODS);
  const bytes = 20 * MAX_BODY;
  return single({
    marks: [mark],
    host: 'own',
    profile: 'patient',
    steps: [
      { say: Buffer.from(start, 'latin1') },
      { flood: Buffer.from(again, 'latin1'), bytes },
      { finish: 'end' },
    ],
    truth,
    peers: [],
  });
}

/** A byte now and then, for ever: every single wait is short, all together are not. */
export function slowAnswer(random: Random, label: string): Plan {
  const draft = soundDraft(random, label);
  const head = headOf(draft);
  const bytes = Buffer.concat([head, Buffer.alloc(200, 'x')]);
  const from = random.one([0, 5, head.length - 2]);
  return single({
    marks: ['slow'],
    host: 'own',
    profile: 'hasty',
    steps: [
      { say: bytes.subarray(0, from) },
      ...Array.from({ length: 60 }, (_, i): Step[] => [
        { pauseMs: 100 },
        { say: from < head.length - 2 ? Buffer.from('x') : Buffer.from(i === 0 ? 'x: ' : 'y') },
      ]).flat(),
      { finish: 'hold' },
    ],
    truth:
      from === 0
        ? refused('bad-header', 'timeout', 'timeout-idle', 'timeout-first-byte')
        : refused('timeout', 'timeout-idle', 'timeout-first-byte', 'bad-header'),
    peers: [],
  });
}

/** Bytes of a sound answer, some of them changed, lost or doubled: what they mean, nobody knows. */
export function mutatedAnswer(random: Random, label: string): Plan {
  const draft = soundDraft(random, label);
  if (random.chance(0.5)) bent(draft, random);
  let bytes = Buffer.concat([headOf(draft), bodyBytes(draft)]);
  for (let left = random.between(1, 4); left > 0; left--) {
    const at = random.below(random.chance(0.7) ? headOf(draft).length : bytes.length);
    const piece = random.one([
      Buffer.alloc(0),
      random.bytes(1),
      Buffer.from(random.one(['\r', '\n', '\0', ' ', ':', '\t', '0', '-', ',', ';', '\r\n', '\r\n\r\n'])),
    ]);
    bytes = Buffer.concat([bytes.subarray(0, at), piece, bytes.subarray(at + random.below(2))]);
  }
  return single({
    marks: ['mutated'],
    host: 'own',
    steps: [...delivered(bytes, random), { finish: 'end' }],
    truth: 'anything',
    peers: [],
  });
}

function interimMark({ interim }: Draft): string[] {
  return interim.length > 0 ? ['interim'] : [];
}

function oddButSound(random: Random): boolean {
  return random.chance(0.25);
}

function bent(draft: Draft, random: Random): Oddity[] {
  const chosen: Oddity[] = [];
  const groups = new Set<readonly Oddity[]>();
  const wanted = random.chance(0.8) ? 1 : 2;
  for (let tries = 0; chosen.length < wanted && tries < 20; tries++) {
    const group = random.weighted(ODDITIES);
    const oddity = random.one(group);
    if (groups.has(group) || oddity.fits?.(draft) === false) continue;
    groups.add(group);
    chosen.push(oddity);
    oddity.bend(draft, random);
  }
  return chosen;
}

function truthOf(draft: Draft, oddities: readonly Oddity[]): Truth {
  const answer = valid(draft.status, draft.body);
  const wrong = oddities.filter(({ effect }) => effect === 'wrong');
  const open = oddities.filter(({ effect }) => effect === 'either');
  const errors = [...wrong, ...open].flatMap(({ codes }) => codes);
  // A limit that is passed twice, or a fault in what is not read for another one: any of them may be told.
  if (wrong.length > 0) return refused(...errors);
  return open.length > 0 ? either(answer, refused(...errors)) : answer;
}

function cutTruth(
  draft: Draft,
  head: number,
  whole: number,
  kept: Buffer,
  finish: 'end' | 'reset' | 'hold',
): Truth {
  const late = refused('timeout', 'timeout-idle', 'timeout-first-byte');
  const answer = valid(draft.status, draft.body);
  if (draft.framing !== 'until-close' && kept.length === whole)
    return finish === 'reset' ? either(answer, refused('reset')) : answer;
  if (finish === 'hold') return late;
  if (kept.length < head) return refused('reset');
  if (draft.framing === 'until-close')
    return finish === 'reset' ? refused('reset') : valid(draft.status, kept.subarray(head));
  return finish === 'reset' ? refused('reset', 'body-truncated') : refused('body-truncated');
}

const OK = 'HTTP/1.1 200 OK\r\n';

const FLOODS: readonly (readonly [mark: string, start: string, again: string, truth: Truth])[] = [
  ['flood-of-fields', OK, 'x: yyyyyyyyyyyyyyyy\r\n', refused('bad-header')],
  ['flood-of-one-field', `${OK}x: `, 'y', refused('bad-header')],
  ['flood-of-reason', 'HTTP/1.1 200 ', 'y', refused('bad-header')],
  ['flood-of-interim', '', 'HTTP/1.1 100 Continue\r\n\r\n', refused('bad-header')],
  ['flood-of-nothing', '', '\r\n', refused('bad-header')],
  ['flood-of-zeros', '', '\0', refused('bad-header')],
  ['flood-of-body', `${OK}\r\n`, 'body', refused('body-too-large')],
  ['flood-of-declared-body', `${OK}content-length: 999999999\r\n\r\n`, 'body', refused('body-too-large')],
  [
    'flood-of-small-chunks',
    `${OK}transfer-encoding: chunked\r\n\r\n`,
    '1\r\nx\r\n',
    refused('body-too-large'),
  ],
  [
    'flood-of-chunks',
    `${OK}transfer-encoding: chunked\r\n\r\n`,
    `400\r\n${'x'.repeat(1024)}\r\n`,
    refused('body-too-large'),
  ],
  ['flood-of-chunk-extension', `${OK}transfer-encoding: chunked\r\n\r\n5;`, 'x', refused('bad-body')],
  ['flood-of-chunk-size', `${OK}transfer-encoding: chunked\r\n\r\n`, '0', refused('bad-body')],
  ['flood-of-trailers', `${OK}transfer-encoding: chunked\r\n\r\n0\r\n`, 'x: y\r\n', refused('bad-body')],
  ['flood-of-one-trailer', `${OK}transfer-encoding: chunked\r\n\r\n0\r\nx: `, 'y', refused('bad-body')],
  ['flood-after-answer', `${OK}content-length: 2\r\n\r\nok`, 'x', valid(200, Buffer.from('ok'))],
];
