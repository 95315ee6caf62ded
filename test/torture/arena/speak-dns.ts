import { createSocket, type RemoteInfo, type Socket as UdpSocket } from 'node:dgram';
import { once } from 'node:events';
import { createServer, type Server } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { DnsReply, DnsScene } from '../case.ts';

/** Names of the arena end so; the number of the case stands before. */
export const ZONE = 'torture.test';

/** The name of a case's server. */
export function dnsName(number: number): string {
  return `c${number}.${ZONE}`;
}

/** Gives the scene for a case's number. */
type Find = (number: number) => DnsScene | undefined;

const A = 1;
const HEAD = 12;

/** A name server (RFC 1035) at 127.0.0.1:53 that answers for each case as its scene says, over UDP and TCP. */
export class DnsSpeaker {
  readonly #find: Find;
  readonly #udp: UdpSocket = createSocket('udp4');
  readonly #tcp: Server;

  constructor(find: Find) {
    this.#find = find;
    this.#udp.on('message', (message, from) => this.#overUdp(message, from));
    this.#tcp = createServer((socket) => {
      socket.on('error', () => {});
      socket.on('data', async (bytes) => {
        for (const reply of this.#replies(bytes.subarray(2), 'tcp')) {
          await sleep(reply.afterMs ?? 0);
          if (!socket.destroyed) socket.write(Buffer.concat([uint16(reply.bytes.length), reply.bytes]));
        }
      });
    });
  }

  async open(): Promise<void> {
    this.#udp.bind(53, '127.0.0.1');
    await once(this.#udp, 'listening');
    this.#tcp.listen(53, '127.0.0.1');
    await once(this.#tcp, 'listening');
  }

  close(): void {
    this.#udp.close();
    this.#tcp.close();
  }

  async #overUdp(message: Buffer, from: RemoteInfo): Promise<void> {
    for (const { bytes, afterMs } of this.#replies(message, 'udp')) {
      if (afterMs !== undefined) await sleep(afterMs);
      this.#udp.send(bytes, from.port, from.address, () => {});
    }
  }

  #replies(message: Buffer, over: 'udp' | 'tcp'): readonly DnsReply[] {
    const asked = readQuestion(message);
    if (asked === null) return [];
    const number = /^c(\d+)\./i.exec(asked.name)?.[1];
    const scene = number === undefined ? undefined : this.#find(Number(number));
    return scene === undefined
      ? [{ bytes: reply(asked.query, { code: 3 }) }]
      : scene.answer(asked.query, over);
  }
}

/** A question as it came. */
export interface DnsQuery {
  readonly id: Buffer;
  /** Its section of the message: name, type, class. */
  readonly question: Buffer;
  readonly isA: boolean;
}

function readQuestion(message: Buffer): { name: string; query: DnsQuery } | null {
  const labels: string[] = [];
  let at = HEAD;
  while (at < message.length && message[at]! > 0) {
    labels.push(message.toString('latin1', at + 1, at + 1 + message[at]!));
    at += message[at]! + 1;
  }
  const end = at + 5;
  if (end > message.length) return null;
  const question = message.subarray(HEAD, end);
  const query = { id: message.subarray(0, 2), question, isA: message.readUInt16BE(at + 1) === A };
  return { name: labels.join('.'), query };
}

/** A record of an answer; its name is the question's. */
export interface DnsRecord {
  readonly type: number;
  readonly ttl?: number;
  readonly data: Buffer;
}

/** An answer, right but for what it is told to be. */
export function reply(
  { id, question }: DnsQuery,
  {
    code = 0,
    records = [],
    truncated = false,
    count = records.length,
  }: {
    readonly code?: number;
    readonly records?: readonly DnsRecord[];
    readonly truncated?: boolean;
    readonly count?: number;
  },
): Buffer {
  const flags = uint16(0x8180 | (truncated ? 0x0200 : 0) | code);
  const answers = records.map(({ type, ttl = 60, data }) =>
    Buffer.concat([
      Buffer.from('c00c', 'hex'),
      uint16(type),
      uint16(1),
      uint32(ttl),
      uint16(data.length),
      data,
    ]),
  );
  return Buffer.concat([id, flags, uint16(1), uint16(count), uint16(0), uint16(0), question, ...answers]);
}

/** An address record. */
export function addressRecord(address: string, ttl?: number): DnsRecord {
  return { type: A, data: Buffer.from(address.split('.').map(Number)), ...(ttl !== undefined && { ttl }) };
}

/** A name in labels. */
export function labels(name: string): Buffer {
  return Buffer.concat([
    ...name.split('.').map((label) => Buffer.concat([Buffer.of(label.length), Buffer.from(label, 'latin1')])),
    Buffer.of(0),
  ]);
}

function uint16(value: number): Buffer {
  return Buffer.of((value >> 8) & 255, value & 255);
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value >>> 0);
  return bytes;
}
