import { createSocket, type Socket as UdpSocket } from 'node:dgram';
import { once } from 'node:events';
import { createServer, type Server } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

export type QueryType = 'A' | 'AAAA';

/** What the server says to one question: records, or a code, or nothing. */
export interface Reply {
  readonly addresses?: readonly string[];
  /** The chain of names between the question and the addresses. */
  readonly aliases?: readonly string[];
  readonly ttl?: number;
  readonly code?: 'NXDOMAIN' | 'SERVFAIL' | 'REFUSED';
  readonly delayMs?: number;
  /** Answered no sooner than this. */
  readonly after?: Promise<void>;
  /** No answer at all. */
  readonly lost?: boolean;
  /** Bytes that are no message. */
  readonly malformed?: boolean;
  /** Over UDP only the flag that sends the asker to TCP. */
  readonly truncated?: boolean;
}

export interface Query {
  readonly name: string;
  readonly type: QueryType;
  readonly transport: 'udp' | 'tcp';
}

const CODES = { NXDOMAIN: 3, SERVFAIL: 2, REFUSED: 5 } as const;

/** A name server on 127.0.0.1 (RFC 1035), over UDP and TCP at one port, which says what the test tells it to. */
export class DnsServer {
  /** Every question, in order of arrival. */
  readonly queries: Query[] = [];
  readonly #reply: (query: Query) => Reply;
  #udp!: UdpSocket;
  readonly #tcp: Server = createServer();
  readonly address: string;
  #stopped = false;

  constructor(reply: (query: Query) => Reply, address = '127.0.0.1') {
    this.#reply = reply;
    this.address = address;
  }

  get port(): number {
    return this.#udp.address().port;
  }

  asked(name: string): readonly QueryType[] {
    return this.queries.filter((query) => query.name === name).map(({ type }) => type);
  }

  /** @param port 0 for any that is free for UDP and TCP alike */
  async start(port = 0): Promise<this> {
    this.#tcp.on('connection', (socket) => {
      socket.on('error', () => {});
      socket.on('data', async (data) => {
        const answer = await this.#answer(data.subarray(2), 'tcp');
        if (answer) socket.write(Buffer.concat([uint16(answer.length), answer]));
      });
    });
    for (let tries = 20; ; tries--) {
      try {
        await this.#bind(port);
        return this;
      } catch (error) {
        this.#udp.close();
        if (port !== 0 || tries === 0) throw error;
      }
    }
  }

  async #bind(port: number): Promise<void> {
    this.#udp = createSocket({ type: 'udp4', recvBufferSize: 1 << 20 });
    this.#udp.on('message', async (message, { port, address }) => {
      const answer = await this.#answer(message, 'udp');
      if (answer && !this.#stopped) this.#udp.send(answer, port, address);
    });
    this.#udp.bind(port, this.address);
    await once(this.#udp, 'listening');
    this.#tcp.listen(this.port, this.address).unref();
    await once(this.#tcp, 'listening');
  }

  /** Answers nothing any more; a second time does nothing. */
  stop(): void {
    if (this.#stopped) return;
    this.#stopped = true;
    this.#udp.close();
    this.#tcp.close();
  }

  async #answer(message: Buffer, transport: Query['transport']): Promise<Buffer | undefined> {
    const { name, type, end } = question(message);
    const query: Query = { name, type, transport };
    this.queries.push(query);
    const reply = this.#reply(query);
    if (reply.delayMs) await sleep(reply.delayMs);
    await reply.after;
    if (reply.lost) return undefined;
    if (reply.malformed) return Buffer.concat([message.subarray(0, 2), Buffer.from('no message')]);
    const truncated = reply.truncated === true && transport === 'udp';
    const records = truncated || reply.code ? [] : answerRecords(name, type, reply);
    const flags = 0x8180 | (truncated ? 0x0200 : 0) | (reply.code ? CODES[reply.code] : 0);
    const head = [
      message.subarray(0, 2),
      uint16(flags),
      uint16(1),
      uint16(records.length),
      uint16(0),
      uint16(0),
    ];
    return Buffer.concat([...head, message.subarray(12, end), ...records]);
  }
}

function question(message: Buffer): { name: string; type: QueryType; end: number } {
  const labels: string[] = [];
  let at = 12;
  for (let length = message[at]!; length > 0; length = message[at]!) {
    labels.push(message.toString('latin1', at + 1, at + 1 + length));
    at += length + 1;
  }
  return { name: labels.join('.'), type: message.readUInt16BE(at + 1) === 28 ? 'AAAA' : 'A', end: at + 5 };
}

function answerRecords(
  name: string,
  type: QueryType,
  { addresses = [], aliases = [], ttl = 60 }: Reply,
): Buffer[] {
  const chain = [name, ...aliases];
  const links = aliases.map((alias, i) => record(chain[i]!, 5, ttl, encodedName(alias)));
  const own = addresses.filter((address) => address.includes(':') === (type === 'AAAA'));
  const code = type === 'AAAA' ? 28 : 1;
  return [...links, ...own.map((address) => record(chain.at(-1)!, code, ttl, encodedAddress(address)))];
}

function record(name: string, type: number, ttl: number, data: Buffer): Buffer {
  return Buffer.concat([
    encodedName(name),
    uint16(type),
    uint16(1),
    uint16(0),
    uint16(ttl),
    uint16(data.length),
    data,
  ]);
}

function encodedName(name: string): Buffer {
  return Buffer.concat([
    ...name.split('.').map((label) => Buffer.from(`${String.fromCharCode(label.length)}${label}`)),
    Buffer.of(0),
  ]);
}

function encodedAddress(address: string): Buffer {
  if (!address.includes(':')) return Buffer.from(address.split('.').map(Number));
  const [left = [], right = []] = address
    .split('::')
    .map((half) => half.split(':').filter((group) => group !== ''));
  const groups = [...left, ...Array<string>(8 - left.length - right.length).fill('0'), ...right];
  return Buffer.concat(groups.map((group) => uint16(Number.parseInt(group, 16))));
}

function uint16(value: number): Buffer {
  return Buffer.of(value >> 8, value & 0xff);
}
