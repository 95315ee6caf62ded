/** Writes what strace would print for a program, so that a test can say what the program does. */
export class Script {
  readonly lines: string[] = [];
  #us = 1_700_000_000_000_000;
  thread = 100;

  /** Time passes: milliseconds. */
  wait(ms: number): this {
    this.#us += Math.round(ms * 1000);
    return this;
  }

  /** A call that returns after `tookMs`. */
  call(text: string, result: string | number, tookMs = 0.01): this {
    this.lines.push(`${this.thread} ${this.#stamp()} ${text} = ${result} <${(tookMs / 1000).toFixed(6)}>`);
    return this.wait(tookMs + 0.01);
  }

  /** The first half of a call that another thread's line comes between. */
  begin(text: string): this {
    this.lines.push(`${this.thread} ${this.#stamp()} ${text} <unfinished ...>`);
    return this.wait(0.01);
  }

  finish(name: string, rest: string, result: string | number, tookMs = 0.02): this {
    this.lines.push(
      `${this.thread} ${this.#stamp()} <... ${name} resumed>${rest}) = ${result} <${(tookMs / 1000).toFixed(6)}>`,
    );
    return this.wait(0.01);
  }

  exit(code: number): this {
    this.lines.push(`${this.thread} ${this.#stamp()} +++ exited with ${code} +++`);
    return this;
  }

  /** socket and connect of a TCP connection to 10.0.0.1. */
  connect(fd: number, port: number): this {
    this.call('socket(AF_INET, SOCK_STREAM|SOCK_CLOEXEC, IPPROTO_TCP)', fd);
    return this.call(
      `connect(${fd}, {sa_family=AF_INET, sin_port=htons(${port}), ${ip('10.0.0.1')}}, 16)`,
      0,
      0.5,
    );
  }

  send(fd: number, bytes: Bytes): this {
    return this.call(`sendto(${fd}, ${quote(bytes)}, ${bytes.length}, MSG_NOSIGNAL, NULL, 0)`, bytes.length);
  }

  receive(fd: number, bytes: Bytes, tookMs = 0.01): this {
    return this.call(`recvfrom(${fd}, ${quote(bytes)}, 65536, 0, NULL, NULL)`, bytes.length, tookMs);
  }

  close(fd: number): this {
    return this.call(`close(${fd})`, 0);
  }

  get text(): string {
    return this.lines.join('\n');
  }

  #stamp(): string {
    return (this.#us / 1e6).toFixed(6);
  }
}

type Bytes = string | readonly number[];

const hex = (codes: readonly number[]): string =>
  codes.map((code) => `\\x${code.toString(16).padStart(2, '0')}`).join('');

/** As strace prints a buffer with `-xx -s 2048`. */
export function quote(bytes: Bytes): string {
  const codes = typeof bytes === 'string' ? [...Buffer.from(bytes, 'latin1')] : bytes;
  return `"${hex(codes.slice(0, 2048))}"${codes.length > 2048 ? '...' : ''}`;
}

export const ip = (address: string): string => `sin_addr=inet_addr(${quote(address)})`;

/** A TLS record of that type and length; of handshake messages, the first bytes count. */
export function record(type: number, length: number, first: readonly number[] = []): number[] {
  const body = Array.from({ length }, (_, index) => first[index] ?? 0xee);
  return [type, 3, 3, length >> 8, length & 0xff, ...body];
}

/** A ClientHello with a server name and protocols; a ServerHello of a version, with the protocol of TLS 1.2. */
export function hello(
  kind: 'client' | 'server',
  options: { name?: string; protocols?: string[]; version?: number },
) {
  const short = (value: number): number[] => [value >> 8, value & 0xff];
  const bytes = (text: string): number[] => [...Buffer.from(text, 'latin1')];
  const sized = (body: number[]): number[] => [...short(body.length), ...body];
  const extensions: number[] = [];
  if (options.name !== undefined) {
    extensions.push(0, 0, ...sized(sized([0, ...sized(bytes(options.name))])));
  }
  if (options.protocols !== undefined) {
    const list = options.protocols.flatMap((each) => [each.length, ...bytes(each)]);
    extensions.push(0, 16, ...sized(sized(list)));
  }
  if (kind === 'server' && options.version === 0x0304) extensions.push(0, 43, ...sized(short(0x0304)));
  const random = Array.from({ length: 32 }, () => 7);
  const middle = kind === 'client' ? [0, 0, 2, 0x13, 1, 1, 0] : [0, 0x13, 1, 0];
  const message = [3, 3, ...random, ...middle, ...sized(extensions)];
  const body = [kind === 'client' ? 1 : 2, 0, ...short(message.length), ...message];
  return record(22, body.length, body);
}
