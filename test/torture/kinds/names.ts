import { ownHost, sharedHost } from '../arena/place.ts';
import { addressRecord, type DnsQuery, type DnsRecord, dnsName, labels, reply } from '../arena/speak-dns.ts';
import { type DnsReply, either, type Profile, refused, type Truth, valid } from '../case.ts';
import type { Place, Plan } from '../plan.ts';
import type { Random } from '../random.ts';

/** What a name server does, and what may come of it. */
interface Way {
  readonly mark: string;
  readonly profile?: Profile;
  readonly truth: (found: Truth) => Truth;
  readonly answer: (query: DnsQuery, context: Context, over: 'udp' | 'tcp') => readonly (DnsReply | Buffer)[];
}

interface Context {
  readonly random: Random;
  readonly good: DnsRecord;
  readonly address: string;
}

const CNAME = 5;
const found = (truth: Truth): Truth => truth;
const failed = (): Truth => refused('dns');
const foundOrFailed = (truth: Truth): Truth => either(truth, refused('dns'));
const late = (): Truth => refused('dns', 'timeout-connect', 'timeout');

const sound = (query: DnsQuery, { good }: Context): Buffer =>
  reply(query, { records: query.isA ? [good] : [] });

const WAYS: readonly Way[] = [
  { mark: 'dns-sound', truth: found, answer: (query, context) => [sound(query, context)] },
  {
    mark: 'dns-slow',
    truth: found,
    answer: (query, context) => [{ bytes: sound(query, context), afterMs: 700 }],
  },
  {
    mark: 'dns-twice',
    truth: found,
    answer: (query, context) => [sound(query, context), sound(query, context)],
  },
  {
    mark: 'dns-ttl',
    truth: found,
    answer: (query, { address, random }) => [
      reply(query, {
        records: query.isA
          ? [addressRecord(address, random.one([0, 1, 2 ** 31 - 1, 2 ** 31, 2 ** 32 - 1]))]
          : [],
      }),
    ],
  },
  {
    mark: 'dns-many-addresses',
    truth: found,
    answer: (query, { good }) => [reply(query, { records: query.isA ? Array(200).fill(good) : [] })],
  },
  {
    mark: 'dns-one-of-many-works',
    truth: found,
    answer: (query, { good }) => [
      reply(query, {
        records: query.isA ? [addressRecord('127.0.0.9'), addressRecord('127.0.0.8'), good] : [],
      }),
    ],
  },
  {
    mark: 'dns-alias',
    truth: found,
    answer: (query, { good }) => [alias(query, query.isA ? [good] : [])],
  },
  { mark: 'dns-none', truth: failed, answer: (query) => [reply(query, {})] },
  {
    mark: 'dns-code',
    truth: failed,
    answer: (query, { random }) => [reply(query, { code: random.one([1, 2, 3, 4, 5, 9, 15]) })],
  },
  {
    mark: 'dns-one-family-fails',
    truth: foundOrFailed,
    answer: (query, { good, random }) => [
      query.isA ? reply(query, { records: [good] }) : reply(query, { code: random.one([2, 3, 5]) }),
    ],
  },
  { mark: 'dns-silent', profile: 'hasty', truth: late, answer: () => [] },
  {
    mark: 'dns-wrong-id',
    profile: 'hasty',
    truth: late,
    answer: (query, context) => [Buffer.concat([Buffer.of(1, 1), sound(query, context).subarray(2)])],
  },
  {
    mark: 'dns-wrong-question',
    profile: 'hasty',
    truth: late,
    answer: (query, { good }) => [
      reply(
        { ...query, question: Buffer.concat([labels('other.test'), Buffer.of(0, 1, 0, 1)]) },
        { records: [good] },
      ),
    ],
  },
  {
    mark: 'dns-garbage',
    profile: 'hasty',
    truth: late,
    answer: (query, { random }) => [Buffer.concat([query.id, random.bytes(random.between(0, 100))])],
  },
  {
    mark: 'dns-garbage-first',
    truth: foundOrFailed,
    answer: (query, context) => [context.random.bytes(40), Buffer.alloc(0), sound(query, context)],
  },
  {
    mark: 'dns-cut',
    profile: 'hasty',
    truth: (truth) => either(truth, late()),
    answer: (query, context) => [sound(query, context).subarray(0, context.random.between(2, 60))],
  },
  {
    mark: 'dns-count-wrong',
    profile: 'hasty',
    truth: (truth) => either(truth, late()),
    answer: (query, { good }) => [reply(query, { records: [good], count: 65_535 })],
  },
  {
    mark: 'dns-pointer-loop',
    profile: 'hasty',
    truth: late,
    answer: (query) => [
      Buffer.concat([
        reply(query, { count: 1 }),
        Buffer.from('c01dc01d', 'hex'),
        Buffer.of(0, 1, 0, 1, 0, 0, 0, 60, 0, 4, 127, 0, 0, 1),
      ]),
    ],
  },
  {
    mark: 'dns-address-of-wrong-length',
    profile: 'hasty',
    truth: (truth) => either(truth, late()),
    answer: (query, { random }) => [
      reply(query, { records: [{ type: 1, data: Buffer.alloc(random.one([0, 3, 5, 16]), 127) }] }),
    ],
  },
  {
    mark: 'dns-alias-of-itself',
    profile: 'hasty',
    truth: late,
    answer: (query) => [reply(query, { records: [{ type: CNAME, data: Buffer.from('c00c', 'hex') }] })],
  },
  {
    mark: 'dns-over-tcp',
    truth: found,
    answer: (query, context, over) => [
      over === 'udp' ? reply(query, { truncated: true }) : sound(query, context),
    ],
  },
  {
    mark: 'dns-truncated-for-ever',
    profile: 'hasty',
    truth: late,
    answer: (query, _, over) => (over === 'udp' ? [reply(query, { truncated: true })] : []),
  },
  {
    mark: 'dns-unusable-address',
    profile: 'hasty',
    truth: () =>
      refused(
        'connect-refused',
        'connect-failed',
        'connect-unreachable',
        'timeout-connect',
        'dns',
        'reset',
        'timeout-first-byte',
        'timeout',
      ),
    answer: (query, { random }) => [
      reply(query, {
        records: query.isA
          ? [addressRecord(random.one(['255.255.255.255', '224.0.0.1', '240.0.0.1', '0.0.0.1']))]
          : [],
      }),
    ],
  },
];

/** A server whose name has to be looked up first. */
export function name(random: Random, label: string, { number }: Place): Plan {
  const way = random.one(WAYS);
  const address = random.chance(0.5) ? ownHost(number) : sharedHost(random.below(8));
  const context = { random, good: addressRecord(address), address };
  const body = Buffer.from(label);
  return {
    marks: [way.mark],
    asks: [
      {
        host: { name: dnsName(number) },
        profile: way.profile ?? 'patient',
        truth: way.truth(valid(200, body)),
        peers: [],
      },
    ],
    scene: {
      dns: {
        answer: (query, over) =>
          way.answer(query, context, over).map((part) => (Buffer.isBuffer(part) ? { bytes: part } : part)),
      },
      http1: () => [
        { say: Buffer.from(`HTTP/1.1 200 OK\r\ncontent-length: ${body.length}\r\n\r\n${body}`, 'latin1') },
      ],
    },
  };
}

/** The name is an alias, and the addresses are those of the other name. */
function alias(query: DnsQuery, addresses: readonly DnsRecord[]): Buffer {
  const target = labels(`real.torture.test`);
  const head = reply(query, { records: [{ type: CNAME, data: target }], count: 1 + addresses.length });
  const rest = addresses.map(({ data }) =>
    Buffer.concat([target, Buffer.of(0, 1, 0, 1, 0, 0, 0, 60, 0, data.length), data]),
  );
  return Buffer.concat([head, ...rest]);
}
