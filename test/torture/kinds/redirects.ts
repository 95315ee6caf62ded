import { ownHost } from '../arena/place.ts';
import { either, refused, type Step, type Truth, valid } from '../case.ts';
import type { Place, Plan } from '../plan.ts';
import { MAX_REDIRECTS } from '../profiles.ts';
import type { Random } from '../random.ts';

const CODES = [301, 302, 303, 307, 308];

/** Where a redirect leads, and what may come of it. `here`: the path of the case's request, '/N/0'. */
type Way = (context: {
  readonly random: Random;
  readonly origin: string;
  readonly host: string;
  readonly here: string;
  readonly closed: string;
  readonly end: Truth;
}) => readonly [mark: string, location: (hop: number) => string | null, truth: Truth];

/** Redirects: chains, circles, and every way to write where they lead. */
export function redirect(random: Random, label: string, { number, ports }: Place): Plan {
  const host = `${ownHost(number)}:${ports.plain}`;
  const origin = `http://${host}`;
  const here = `/${number}/0`;
  const end = valid(200, Buffer.from(label));
  const [mark, location, truth] = random.weighted(WAYS)({
    random,
    origin,
    host,
    here,
    closed: `http://${ownHost(number)}:${ports.closed}`,
    end,
  });
  const status = random.one(CODES);
  const text = random.chance(0.3) ? 'moved' : '';
  return {
    marks: [mark],
    asks: [{ host: 'own', rest: '/0', truth, peers: ['undici', 'curl'] }],
    scene: {
      http1: (_ask, rest) => {
        const hop = /^\/(\d+)$/.exec(rest)?.[1];
        const to = hop === undefined ? null : location(Number(hop));
        return to === null ? ok(label) : redirecting(status, to, text);
      },
    },
  };
}

function ok(body: string): Step[] {
  return [{ say: Buffer.from(`HTTP/1.1 200 OK\r\ncontent-length: ${body.length}\r\n\r\n${body}`, 'latin1') }];
}

function redirecting(status: number, location: string, body: string): Step[] {
  const lines = location.split('\n').map((one) => `location: ${one}\r\n`);
  return [
    {
      say: Buffer.from(
        `HTTP/1.1 ${status} Moved\r\n${lines.join('')}content-length: ${body.length}\r\n\r\n${body}`,
        'latin1',
      ),
    },
  ];
}

/** One step, then the end. */
const once =
  (mark: string, ...texts: ((context: Parameters<Way>[0]) => string)[]): Way =>
  (context) => {
    const text = context.random.one(texts)(context);
    return [mark, (hop) => (hop === 0 ? text : null), context.end];
  };

/** One step that leads nowhere. */
const nowhere =
  (mark: string, truth: Truth, ...texts: ((context: Parameters<Way>[0]) => string)[]): Way =>
  (context) => {
    const text = context.random.one(texts)(context);
    return [mark, () => text, truth];
  };

const WAYS: readonly (readonly [weight: number, way: Way])[] = [
  [
    3,
    ({ random, here, origin, host, end }) => {
      const hops = random.between(1, MAX_REDIRECTS);
      const write = random.one([
        (hop: number) => `${here}/${hop}`,
        (hop: number) => `${origin}${here}/${hop}`,
        (hop: number) => `//${host}${here}/${hop}`,
        (hop: number) => String(hop),
        (hop: number) => `./${hop}`,
        (hop: number) => `../0/${hop}`,
      ]);
      return ['redirect-chain', (hop) => (hop < hops ? write(hop + 1) : null), end];
    },
  ],
  [1, ({ here }) => ['redirect-chain-too-long', (hop) => `${here}/${hop + 1}`, refused('redirect-limit')]],
  [1, ({ here }) => ['redirect-to-itself', () => `${here}/0`, refused('redirect-loop')]],
  [
    1,
    ({ here, random }) => {
      const length = random.between(2, MAX_REDIRECTS);
      return ['redirect-circle', (hop) => `${here}/${(hop + 1) % length}`, refused('redirect-loop')];
    },
  ],
  [
    1,
    nowhere(
      'redirect-fragment-only',
      refused('redirect-loop'),
      () => '#',
      () => '#a',
    ),
  ],
  [
    1,
    nowhere(
      'redirect-empty',
      either(
        refused('redirect-loop', 'redirect-bad'),
        valid(301),
        valid(302),
        valid(303),
        valid(307),
        valid(308),
      ),
      () => '',
    ),
  ],
  [
    1,
    once(
      'redirect-with-fragment',
      ({ here }) => `${here}/1#frag`,
      () => '1#?x',
    ),
  ],
  [
    1,
    once(
      'redirect-query',
      ({ here }) => `${here}/x?y`,
      ({ here }) => `${here}/x?`,
      ({ here }) => `${here}/?#`,
      () => '?x',
    ),
  ],
  [
    1,
    once(
      'redirect-dot-segments',
      ({ here }) => `${here}/./a/../x`,
      ({ here }) => `/a/..${here}/x`,
      ({ here }) => `${here}/%2e/x`,
      ({ here }) => `/../..${here}/x`,
    ),
  ],
  [
    1,
    once(
      'redirect-userinfo',
      ({ host, here }) => `http://user:secret@${host}${here}/1`,
      ({ host, here }) => `http://user@${host}${here}/x`,
    ),
  ],
  [1, once('redirect-scheme-upper-case', ({ host, here }) => `HTTP://${host}${here}/1`)],
  [
    1,
    once(
      'redirect-not-ascii',
      ({ here }) => `${here}/\xc3\xa4`,
      ({ here }) => `${here}/\xe4`,
      ({ here }) => `${here}/?\xc3\xa4`,
      ({ here }) => `${here}/%c3%a4`,
      ({ here }) => `${here}/\xff\xfe`,
    ),
  ],
  [
    1,
    once(
      'redirect-characters',
      ({ here }) => `${here}/a b`,
      ({ here }) => `${here}/<>"{}|^\``,
      ({ here }) => `${here}/a%zz`,
      ({ here }) => `${here}/%0d%0ax:y`,
      ({ here }) => `${here}/a\tb`,
      ({ here }) => `${here}/'`,
      ({ here }) => `${here}/[x]`,
    ),
  ],
  [
    1,
    once(
      'redirect-long',
      ({ here }) => `${here}/${'x'.repeat(8000)}`,
      ({ here }) => `${here}/?${'y'.repeat(8000)}`,
    ),
  ],
  [
    1,
    once(
      'redirect-backslashes',
      ({ here }) => here.replaceAll('/', '\\'),
      ({ host, here }) => `\\\\${host}${here}/x`,
      ({ host, here }) => `http:\\\\${host}${here}\\x`,
    ),
  ],
  [
    1,
    once(
      'redirect-slashes',
      ({ host, here }) => `http:///${host}${here}/x`,
      ({ here }) => `http:${here}/x`,
    ),
  ],
  [
    1,
    once(
      'redirect-number-address',
      ({ host, here }) => `http://${numeric(host)}${here}/x`,
      ({ host, here }) => `http://${hexadecimal(host)}${here}/x`,
    ),
  ],
  [
    2,
    nowhere(
      'redirect-other-scheme',
      refused('redirect-bad'),
      () => 'ftp://127.0.0.1/x',
      () => 'file:///etc/passwd',
      () => 'javascript:alert(1)',
      () => 'data:text/plain,hi',
      () => 'mailto:a@b',
      () => 'gopher://x/',
      () => 'ws://127.0.0.1/',
      () => 'blob:x',
      () => 'about:blank',
      () => 'x:y',
    ),
  ],
  [
    2,
    nowhere(
      'redirect-no-url',
      refused('redirect-bad'),
      () => 'http://',
      () => 'http://a b/',
      () => 'http://127.0.0.1:99999/',
      () => 'http://[::1/',
      () => 'http://[x]/',
      () => 'http://127.0.0.1:x/',
      () => '//',
      () => 'https://',
      () => 'http://%00/',
      () => 'http://a%20b/',
      () => 'http://999.1.1.1/',
      () => 'http://127.0.0.1:-1/',
    ),
  ],
  [1, nowhere('redirect-to-closed-port', refused('connect-refused'), ({ closed }) => `${closed}/x`)],
  // Joined by a comma it is a path of its own; a client may take the first one.
  [
    1,
    once(
      'redirect-named-twice',
      ({ here }) => `${here}/1\n${here}/2`,
      ({ here }) => `${here}/x, ${here}/y`,
    ),
  ],
];

function bytesOf(host: string): number[] {
  return host.split(':')[0]!.split('.').map(Number);
}

function numeric(host: string): string {
  return `${bytesOf(host).reduce((sum, byte) => sum * 256 + byte, 0)}:${host.split(':')[1]}`;
}

function hexadecimal(host: string): string {
  const text = bytesOf(host).reduce((sum, byte) => sum * 256 + byte, 0);
  return `0x${text.toString(16)}:${host.split(':')[1]}`;
}

/** Answers that are no redirects, though they look like some. */
export function noRedirect(random: Random, label: string): Plan {
  const [status, location] = random.one<readonly [number, string]>([
    [302, ''],
    [301, ''],
    [300, 'location: /elsewhere\r\n'],
    [304, 'location: /elsewhere\r\n'],
    [305, 'location: /elsewhere\r\n'],
    [306, 'location: /elsewhere\r\n'],
    [201, 'location: /elsewhere\r\n'],
    [200, 'location: /elsewhere\r\n'],
    [399, 'location: /elsewhere\r\n'],
    [302, 'x-location: /elsewhere\r\nlocatio: /x\r\n'],
  ]);
  const body = status === 304 ? '' : label;
  const head = `HTTP/1.1 ${status} x\r\n${location}content-length: ${body.length}\r\n\r\n`;
  return {
    marks: ['no-redirect'],
    asks: [{ host: 'shared', truth: valid(status, Buffer.from(body)), peers: ['undici', 'curl'] }],
    scene: { http1: () => [{ say: Buffer.from(head + body, 'latin1') }] },
  };
}
