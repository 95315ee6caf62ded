import { HEAD, length, type Oddity } from '../oddity.ts';

/** What Content-Length says. */
export const LENGTHS: readonly Oddity[] = [
  length(
    'length-spaces',
    'fine',
    (n) => ` ${n}`,
    (n) => `${n} `,
    (n) => `\t${n}\t`,
    (n) => `   ${n}`,
  ),
  length(
    'length-zeros',
    'fine',
    (n) => `0${n}`,
    (n) => `0000${n}`,
  ),
  length('length-very-many-zeros', 'fine', (n) => `00000000000000000000${n}`),
  length(
    'length-no-number',
    'wrong',
    (n) => `+${n}`,
    (n) => `-${n}`,
    (n) => `0x${n}`,
    (n) => `${n}.0`,
    (n) => `${n}a`,
    (n) => `${n} ${n}`,
    (n) => `${n};q`,
    () => '1e1',
    () => '-1',
    () => '-0',
    () => 'abc',
    () => '\xb2',
    (n) => `"${n}"`,
    () => '5\x0b',
  ),
  length(
    'length-empty',
    'wrong',
    () => '',
    () => ' ',
  ),
  length(
    'length-twice-same',
    'either',
    (n) => `${n}\n${n}`,
    (n) => `${n}, ${n}`,
    (n) => `${n},${n}`,
  ),
  length(
    'length-twice',
    'wrong',
    (n) => `${n}\n${n + 1}`,
    (n) => `${n + 1}\n${n}`,
    (n) => `${n}, ${n + 1}`,
    (n) => `${n}\n`,
    (n) => `0\n${n}`,
  ),
  length(
    'length-list-empty',
    'either',
    (n) => `${n},`,
    (n) => `,${n}`,
  ),
  length(
    'length-huge',
    'wrong',
    () => '99999999999999999999',
    () => '18446744073709551616',
    () => '9223372036854775808',
    () => '9007199254740993',
  ),
  {
    ...length(
      'length-above-limit',
      'wrong',
      () => '999999999999',
      () => '4294967297',
      () => '2000000',
    ),
    codes: ['body-too-large'],
  },
  {
    mark: 'length-and-chunked',
    effect: 'either',
    codes: HEAD,
    fits: ({ framing }) => framing === 'chunked',
    bend: (draft, random) => {
      const line = `Content-Length: ${random.one([draft.body.length, 0, 3, 100_000])}`;
      if (random.chance(0.5)) draft.framingLines.push(line);
      else draft.framingLines.unshift(line);
    },
  },
];
