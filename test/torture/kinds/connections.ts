import { NAMED } from '../arena/certificates.ts';
import { either, refused, type Step, type Truth, valid } from '../case.ts';
import type { Plan, PlannedAsk } from '../plan.ts';
import type { Random } from '../random.ts';

const OK = 'HTTP/1.1 200 OK\r\n';

function answer(body: string): Step[] {
  return [{ say: Buffer.from(`${OK}content-length: ${body.length}\r\n\r\n${body}`, 'latin1') }];
}

const late = refused('timeout-connect', 'timeout', 'timeout-first-byte', 'timeout-idle');

/** Connections that fail before a request can be answered. */
export function connectFault(random: Random, label: string): Plan {
  const secure = random.chance(0.4);
  const scheme = secure ? 'https' : 'http';
  const at = (
    mark: string,
    ask: Omit<PlannedAsk, 'peers' | 'host'> & { host?: PlannedAsk['host'] },
    connect?: Step[],
  ): Plan => ({
    marks: [mark],
    asks: [{ scheme, host: 'own', peers: [], ...ask }],
    scene: { ...(connect !== undefined && { connect }), http1: () => answer(label) },
  });
  const foreign = Buffer.from(
    random.one([
      'SSH-2.0-x\r\n',
      '220 ready\r\n',
      '\x15\x03\x01\x00\x02\x02\x28',
      '\0\0\0\0',
      secure ? 'HTTP/1.1 400 Bad Request\r\n\r\n' : 'HTTP',
    ]),
    'latin1',
  );
  return random.one<() => Plan>([
    () => at('connect-refused', { port: 'closed', truth: refused('connect-refused') }),
    () =>
      at('connect-silent', {
        port: 'silent',
        host: { name: '127.0.0.1' },
        profile: 'hasty',
        truth: refused('timeout-connect', 'timeout'),
      }),
    () => at('connect-reset', { truth: refused('reset', 'tls', 'connect-failed') }, [{ finish: 'reset' }]),
    () => at('connect-closed', { truth: refused('reset', 'tls') }, [{ finish: 'end' }]),
    () =>
      at('connect-closed-later', { truth: refused('reset', 'tls', 'connect-failed') }, [
        { pauseMs: random.between(1, 50) },
        { finish: random.one(['end', 'reset'] as const) },
      ]),
    () => at('connect-held', { profile: 'hasty', truth: late }, [{ finish: 'hold' }]),
    () =>
      at(
        'connect-foreign',
        { truth: secure ? refused('tls', 'reset') : refused('bad-header', 'reset') },
        [{ say: foreign }, { pauseMs: 20 }, { finish: 'end' }].slice(0, 3) as Step[],
      ),
    () =>
      at('plain-on-tls-port', {
        scheme: 'https',
        port: 'plain',
        profile: 'hasty',
        truth: either(late, refused('tls', 'reset')),
      }),
    () => at('tls-on-plain-port', { scheme: 'http', port: 'tls', truth: refused('bad-header', 'reset') }),
    () =>
      at(
        'answer-before-request',
        { scheme: 'http', truth: either(valid(200, Buffer.from(label)), refused('reset')) },
        [...answer(label), { finish: 'hold' }],
      ),
  ])();
}

/** TLS that ends at any byte of what the server says. */
export function tlsCut(random: Random, label: string): Plan {
  const finish = random.one(['end', 'reset', 'hold', 'garbage'] as const);
  const bytes = random.one([0, 1, 5, 6, random.below(150), random.below(1500), random.below(3000)]);
  // From some byte on the whole answer is through.
  const whole = valid(200, Buffer.from(label));
  const truth: Truth =
    finish === 'hold'
      ? either(late, whole)
      : either(refused('tls', 'reset', 'body-truncated', 'bad-header', 'connect-failed'), whole);
  return {
    marks: [`tls-cut-${finish}`],
    asks: [
      {
        scheme: 'https',
        host: 'own',
        profile: finish === 'hold' ? 'hasty' : 'patient',
        truth,
        peers: [],
      },
    ],
    scene: { alpn: ['http/1.1'], tlsCut: { bytes, finish }, http1: () => answer(label) },
  };
}

/** Protocols that a TLS server offers, asked for HTTP/2 and not. */
export function alpn(random: Random, label: string): Plan {
  const protocols = random.one([
    ['http/1.1'],
    [],
    ['h2', 'http/1.1'],
    ['http/1.1', 'h2'],
    ['spdy/3'],
    ['http/1.0'],
  ]);
  const common = protocols.length === 0 || protocols.includes('http/1.1');
  return {
    marks: [`alpn-${protocols.join('-') || 'none'}`],
    asks: [
      {
        scheme: 'https',
        host: 'own',
        profile: 'patient',
        truth: common
          ? valid(200, Buffer.from(label))
          : either(refused('tls', 'protocol', 'reset'), valid(200, Buffer.from(label))),
        peers: [],
      },
    ],
    scene: { alpn: protocols, http1: () => answer(label) },
  };
}

/** Certificates of each kind, to a client that checks them. */
export function certificate(random: Random, label: string): Plan {
  const [name, truth] = random.one<readonly [keyof typeof NAMED, Truth]>([
    ['good', valid(200, Buffer.from(label))],
    ['expired', refused('tls-expired')],
    ['future', refused('tls-expired')],
    ['wrongHost', refused('tls-wrong-host')],
    ['unknown', refused('tls-untrusted')],
    // RFC 9110 §4.3.4 leaves the common name out; curl does not.
    ['noName', either(refused('tls-wrong-host'), valid(200, Buffer.from(label)))],
  ]);
  return {
    marks: [`certificate-${name}`],
    asks: [{ scheme: 'https', host: { name: NAMED[name] }, profile: 'trusting', truth, peers: [] }],
    scene: { http1: () => answer(label) },
  };
}

/** Proxies that answer CONNECT in every way. */
export function proxy(random: Random, label: string): Plan {
  const [mark, steps, truth] = random.one(PROXIES)(label, random);
  return {
    marks: [`proxy-${mark}`],
    asks: [
      {
        scheme: 'https',
        host: 'own',
        profile: 'proxied',
        truth,
        peers: [],
      },
    ],
    scene: { ...(steps !== null && { connectAnswer: steps }), http1: () => answer(label) },
  };
}

type ProxyCase = (
  label: string,
  random: Random,
) => readonly [mark: string, steps: readonly Step[] | null, truth: Truth];

const says = (text: string): Step[] => [{ say: Buffer.from(text, 'latin1') }];
const floods = (start: string, again: string): Step[] => [
  ...says(start),
  { flood: Buffer.from(again), bytes: 4 * 1024 * 1024 },
  { finish: 'hold' },
];
const noTunnel = refused('proxy');
const noTunnelOrLate = either(noTunnel, late);

const PROXIES: readonly ProxyCase[] = [
  (label) => ['tunnel', null, valid(200, Buffer.from(label))],
  (_, random) => [
    'refuses',
    says(
      `HTTP/1.1 ${random.one([400, 403, 404, 405, 407, 500, 502, 503, 999])} No\r\ncontent-length: 0\r\n\r\n`,
    ),
    noTunnel,
  ],
  (_, random) => [
    'redirects',
    says(`HTTP/1.1 ${random.one([301, 302])} x\r\nlocation: http://127.0.0.1/\r\n\r\n`),
    noTunnel,
  ],
  () => ['interim-flood', floods('', 'HTTP/1.1 100 Continue\r\n\r\n'), noTunnelOrLate],
  () => [
    'interim-many',
    [{ say: Buffer.from('HTTP/1.1 100 C\r\n\r\n'.repeat(20_000)) }, { finish: 'hold' }],
    noTunnelOrLate,
  ],
  () => ['head-flood', floods('HTTP/1.1 200 OK\r\n', 'x: yyyyyyyyy\r\n'), noTunnelOrLate],
  () => ['head-flood-without-lines', floods('HTTP/1.1 200 OK\r\nx: ', 'y'), noTunnelOrLate],
  () => ['zeros', floods('', '\0'), noTunnelOrLate],
  (_, random) => [
    'foreign',
    says(
      random.one([
        'SSH-2.0-x\r\n\r\n',
        '\x05\x00\r\n\r\n',
        '<html>\r\n\r\n',
        'HTTP/2 200\r\n\r\n',
        'HTTP/1.1 abc OK\r\n\r\n',
      ]),
    ),
    noTunnelOrLate,
  ],
  (_, random) => [
    'closes',
    [...says(random.one(['', 'HTTP/1.1 200 O'])), { finish: random.one(['end', 'reset'] as const) }],
    noTunnel,
  ],
  () => ['silent', [{ finish: 'hold' }], late],
  () => [
    'slow',
    [
      ...says('HTTP/1.1 200 OK\r\nx: '),
      ...Array.from({ length: 60 }, (): Step[] => [{ pauseMs: 100 }, { say: Buffer.from('y') }]).flat(),
      { finish: 'hold' },
    ],
    late,
  ],
  () => [
    'tunnel-then-closes',
    [...says('HTTP/1.1 200 OK\r\n\r\n'), { pauseMs: 5 }, { finish: 'end' }],
    refused('reset', 'tls', 'proxy'),
  ],
  () => ['tunnel-then-silence', [...says('HTTP/1.1 200 OK\r\n\r\n'), { finish: 'hold' }], late],
];

/** A keep-alive connection that ends in the ways in which they end, with requests that follow each other on it. */
export function keepAlive(random: Random, label: string): Plan {
  const count = random.between(2, 6);
  const how = random.one(['kept', 'closed', 'closed-later', 'says-close', 'excess', 'pipelined'] as const);
  const body = (i: number) => Buffer.from(`${label}${i}`);
  const asks = Array.from(
    { length: count },
    (_, i): PlannedAsk => ({ host: 'own', profile: 'queued', truth: valid(200, body(i)), peers: [] }),
  );
  const smuggled = `${OK}content-length: 8\r\n\r\nsmuggled`;
  return {
    marks: [`keep-alive-${how}`],
    asks,
    scene: {
      http1: (i) => {
        const text = `content-length: ${body(i).length}\r\n\r\n${body(i)}`;
        if (how === 'closed') return [...says(OK + text), { finish: 'end' }];
        if (how === 'closed-later') return [...says(OK + text), { pauseMs: i % 3 }, { finish: 'end' }];
        if (how === 'says-close') return says(`${OK}connection: close\r\n${text}`);
        if (how === 'excess') return says(`${OK}${text}${smuggled.slice(0, 3 + i * 5)}`);
        if (how === 'pipelined') return says(`${OK}${text}${smuggled}${smuggled}`);
        return says(OK + text);
      },
    },
  };
}
