/** Frame types, flags, settings and errors of HTTP/2 (RFC 9113 §6, §7). */
export const TYPE = {
  data: 0,
  headers: 1,
  priority: 2,
  rstStream: 3,
  settings: 4,
  pushPromise: 5,
  ping: 6,
  goaway: 7,
  windowUpdate: 8,
  continuation: 9,
} as const;
export const END_STREAM = 1;
export const ACK = 1;
export const END_HEADERS = 4;
export const PADDED = 8;
export const PRIORITY = 0x20;
export const SETTING = {
  headerTableSize: 1,
  enablePush: 2,
  maxConcurrentStreams: 3,
  initialWindowSize: 4,
  maxFrameSize: 5,
  maxHeaderListSize: 6,
} as const;
export const ERROR = {
  none: 0,
  protocol: 1,
  internal: 2,
  flowControl: 3,
  refused: 7,
  cancel: 8,
  calm: 11,
  http11: 13,
} as const;

/** A field of a head, name first. */
export type Field = readonly [name: string, value: string];

/** Any frame, right or wrong. `length`: what it says of its length, when that is not true. */
export function frame(
  type: number,
  flags: number,
  stream: number,
  payload: Buffer = Buffer.alloc(0),
  length = payload.length,
): Buffer {
  const head = Buffer.alloc(9);
  head.writeUIntBE(length, 0, 3);
  head[3] = type;
  head[4] = flags;
  head.writeUInt32BE(stream, 5);
  return Buffer.concat([head, payload]);
}

export function data(stream: number, body: Buffer | string, flags = 0): Buffer {
  return frame(TYPE.data, flags, stream, Buffer.from(body as string, 'latin1'));
}

/** A whole head in one frame. */
export function headers(stream: number, fields: readonly Field[], flags = 0): Buffer {
  return frame(TYPE.headers, flags | END_HEADERS, stream, block(fields));
}

export function settings(...pairs: readonly (readonly [id: number, value: number])[]): Buffer {
  return frame(
    TYPE.settings,
    0,
    0,
    Buffer.concat(pairs.map(([id, value]) => Buffer.concat([uint16(id), uint32(value)]))),
  );
}

export function settingsAck(): Buffer {
  return frame(TYPE.settings, ACK, 0);
}

export function ping(payload = 'torture!', flags = 0): Buffer {
  return frame(TYPE.ping, flags, 0, Buffer.from(payload, 'latin1'));
}

export function rstStream(stream: number, error: number): Buffer {
  return frame(TYPE.rstStream, 0, stream, uint32(error));
}

export function goaway(lastStream: number, error: number, debug = ''): Buffer {
  return frame(
    TYPE.goaway,
    0,
    0,
    Buffer.concat([uint32(lastStream), uint32(error), Buffer.from(debug, 'latin1')]),
  );
}

export function windowUpdate(stream: number, increment: number): Buffer {
  return frame(TYPE.windowUpdate, 0, stream, uint32(increment));
}

/**
 * A header block (RFC 7541) of literals that are not indexed and not compressed: what the fields say is all that is
 * in it.
 */
export function block(fields: readonly Field[]): Buffer {
  return Buffer.concat(fields.flatMap(([name, value]) => [Buffer.of(0), text(name), text(value)]));
}

function text(value: string): Buffer {
  const bytes = Buffer.from(value, 'latin1');
  return Buffer.concat([integer(bytes.length), bytes]);
}

/** An integer with a prefix of seven bits (RFC 7541 §5.1). */
function integer(value: number): Buffer {
  if (value < 127) return Buffer.of(value);
  const bytes = [127];
  let rest = value - 127;
  for (; rest >= 128; rest = Math.floor(rest / 128)) bytes.push((rest % 128) + 128);
  return Buffer.from([...bytes, rest]);
}

export function uint16(value: number): Buffer {
  return Buffer.of((value >> 8) & 255, value & 255);
}

export function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value >>> 0);
  return bytes;
}

/** A frame as it was read. */
export interface Frame {
  readonly type: number;
  readonly flags: number;
  readonly stream: number;
  readonly payload: Buffer;
  /** With its head. */
  readonly bytes: Buffer;
}

/** Takes whole frames off the beginning. `rest`: what is left. */
export function readFrames(bytes: Buffer): { frames: Frame[]; rest: Buffer } {
  const frames: Frame[] = [];
  let at = 0;
  while (bytes.length - at >= 9) {
    const end = at + 9 + bytes.readUIntBE(at, 3);
    if (end > bytes.length) break;
    frames.push({
      type: bytes[at + 3]!,
      flags: bytes[at + 4]!,
      stream: bytes.readUInt32BE(at + 5) & 0x7fffffff,
      payload: bytes.subarray(at + 9, end),
      bytes: bytes.subarray(at, end),
    });
    at = end;
  }
  return { frames, rest: bytes.subarray(at) };
}
