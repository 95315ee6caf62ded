import { asJson, JSON_TYPE, TEXT_TYPE, typed, untyped } from '../answers.ts';
import { BadRequest, type Fields, type RouteEntry, type ServerExchange } from '../exchange.ts';
import { queryOf, wholeNumber } from './parameters.ts';

/** Answers whose status is what matters. */
export const STATUSES: readonly RouteEntry[] = [
  {
    pattern: '/status/:codes',
    about: 'an answer with that status; of 200:3,503 one by chance, by weight',
    route: status,
  },
  {
    pattern: '/unstable',
    about: '?failure_rate=0.5: 200, and 500 at that rate',
    route: unstable,
  },
];

interface Answer {
  readonly fields: Fields;
  readonly body: string;
}

const TEXT = typed(TEXT_TYPE);
const PLAIN: Answer = { fields: TEXT, body: '' };
const ELSEWHERE: Answer = { fields: typed(TEXT_TYPE, 'Location', '/redirect/1'), body: '' };
const WANTS_LOGIN = 'Basic realm="Fake Realm"';
const ACCEPTED = ['image/webp', 'image/svg+xml', 'image/jpeg', 'image/png', 'image/'];

/** The statuses that say more than their number. */
const SPECIAL: ReadonlyMap<number, Answer> = new Map([
  // go-httpbin calls its pages text as well.
  [
    300,
    {
      fields: typed(TEXT_TYPE, 'Location', '/image/jpeg'),
      body: '<!doctype html><title>Multiple choices</title><p>Take <a href="/image/jpeg">one</a>.\n',
    },
  ],
  [301, ELSEWHERE],
  [302, ELSEWHERE],
  [303, ELSEWHERE],
  [305, ELSEWHERE],
  [307, ELSEWHERE],
  [
    308,
    {
      fields: typed(TEXT_TYPE, 'Location', '/image/jpeg'),
      body: '<!doctype html><title>Permanent redirect</title><p>Moved to <a href="/image/jpeg">here</a>.\n',
    },
  ],
  [304, { fields: untyped(), body: '' }],
  [401, { fields: typed(TEXT_TYPE, 'WWW-Authenticate', WANTS_LOGIN), body: '' }],
  [402, { fields: typed(TEXT_TYPE, 'X-More-Info', 'http://vimeo.com/22053820'), body: 'Payment, please!' }],
  [
    406,
    {
      fields: typed(JSON_TYPE),
      body: asJson({ message: 'None of the accepted media types is to be had', accept: ACCEPTED }),
    },
  ],
  [407, { fields: typed(TEXT_TYPE, 'Proxy-Authenticate', WANTS_LOGIN), body: '' }],
  [
    418,
    { fields: typed(TEXT_TYPE, 'X-More-Info', 'http://tools.ietf.org/html/rfc2324'), body: "I'm a teapot!" },
  ],
]);

function status(exchange: ServerExchange, wanted: string): void {
  const code = wanted.includes(',') ? chosen(wanted.split(',').map(choiceOf)) : codeOf(wanted);
  // 1xx are no answers: one more has to follow (RFC 9110 §15.2).
  const { fields, body } = SPECIAL.get(code) ?? PLAIN;
  exchange.reply(code < 200 ? 200 : code, fields, body);
}

function codeOf(text: string): number {
  return wholeNumber('status code', text, 100, 599);
}

interface Choice {
  readonly code: number;
  readonly weight: number;
}

function choiceOf(text: string): Choice {
  const [code = '', rawWeight = '1'] = text.split(':');
  const weight = Number(rawWeight);
  if (!(weight >= 0)) throw new BadRequest(`invalid weight: ${JSON.stringify(rawWeight)}`);
  return { code: codeOf(code), weight };
}

function chosen(choices: readonly Choice[]): number {
  let left = Math.random() * choices.reduce((sum, choice) => sum + choice.weight, 0);
  for (const { code, weight } of choices) {
    left -= weight;
    if (left < 0) return code;
  }
  return choices.at(-1)!.code;
}

function unstable(exchange: ServerExchange): void {
  const rate = Number(queryOf(exchange).get('failure_rate') ?? '0.5');
  if (!(rate >= 0 && rate <= 1)) throw new BadRequest('invalid failure rate: not in range [0, 1]');
  exchange.reply(Math.random() < rate ? 500 : 200, TEXT, '');
}
