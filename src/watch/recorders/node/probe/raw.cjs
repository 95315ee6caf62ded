// HTTP/1.1 that a program, or a library with sockets of its own, writes and reads itself.

const METHODS = 'GET|HEAD|POST|PUT|DELETE|PATCH|OPTIONS';
const REQUEST_START = new RegExp(`^(?:${METHODS}) `);
const REQUEST_HEAD = new RegExp(`(?:^|\r\n\r\n)(${METHODS}) (\\S+) HTTP/1\\.[01]\r\n`, 'g');
const MOST_OF_A_HEAD = 65536;

/** Sockets of node:http and undici have exchanges before anything is written to them; the rest may be such ones. */
function installRaw() {
  const above = Object.getPrototypeOf(net.Socket.prototype);
  for (const name of ['write', 'end'])
    replace(net.Socket.prototype, name, function (...args) {
      if (mayBeRaw(this)) onRawWrite(this, args[0]);
      return above[name].apply(this, args);
    });
  replace(net.Socket.prototype, 'push', function (...args) {
    const connection = connections.get(this);
    if (connection !== undefined && connection.raw !== null) onRawRead(connection.raw, args[0]);
    return above.push.apply(this, args);
  });
}

function mayBeRaw(socket) {
  const connection = connections.get(socket);
  return connection !== undefined && (connection.count === 0 || connection.raw !== null);
}

const onRawWrite = guarded('socket write', (socket, data) => {
  if (typeof data !== 'string' && !(data instanceof Uint8Array)) return;
  const textOf = (part) => (typeof part === 'string' ? part : Buffer.from(part).toString('latin1'));
  if (!REQUEST_START.test(textOf(data.slice(0, 'OPTIONS '.length)))) return;
  const text = textOf(data);
  const connection = connectionOf(socket);
  for (const found of text.matchAll(REQUEST_HEAD)) {
    if (connection.raw === null)
      connection.raw = { waiting: [], state: 'head', head: '', left: 0, hasEnded: false };
    rawCalled(socket, connection, found, text.slice(found.index));
  }
});

function rawCalled(socket, connection, [, method, path], text) {
  const host = /\r\nhost: *([^\r\n]+)/i.exec(text.slice(0, MOST_OF_A_HEAD));
  const origin = originOf(socket.encrypted ? 'https:' : 'http:', host === null ? connection.remote : host[1]);
  const target = /^https?:/.test(path) ? path : origin + path;
  const exchange = call(method, origin, target, () => /\r\nauthorization:/i.test(text));
  exchange.dispatchedUs = exchange.calledUs;
  assign(exchange, socket);
  sentOnReady(exchange);
  connection.raw.waiting.push(exchange);
}

const onRawRead = guarded('socket read', (raw, chunk) => {
  if (chunk === null) rawEnded(raw);
  else if (chunk instanceof Uint8Array) {
    let at = 0;
    while (at < chunk.length && raw.waiting.length > 0) at = RAW_STATES[raw.state](raw, chunk, at);
  }
});

/** Each reads bytes from a place on, and returns the place after them. */
const RAW_STATES = {
  head(raw, chunk, at) {
    const before = raw.head.length;
    raw.head += Buffer.from(chunk.slice(at, at + MOST_OF_A_HEAD)).toString('latin1');
    const end = raw.head.indexOf('\r\n\r\n');
    if (end < 0) {
      if (raw.head.length > MOST_OF_A_HEAD) raw.state = 'close';
      return chunk.length;
    }
    const head = raw.head.slice(0, end + 2);
    raw.head = '';
    rawAnswered(raw, head);
    return at + end + 4 - before;
  },
  body: (raw, chunk, at) => rawData(raw, chunk, at, rawRead),
  size: (raw, chunk, at) =>
    rawLine(raw, chunk, at, (line) => {
      const size = parseInt(line, 16);
      // A line end follows the bytes of a chunk.
      raw.left = size + 2;
      raw.state = size > 0 ? 'chunk' : size === 0 ? 'trailer' : 'close';
    }),
  chunk: (raw, chunk, at) =>
    rawData(raw, chunk, at, () => {
      raw.state = 'size';
    }),
  trailer: (raw, chunk, at) =>
    rawLine(raw, chunk, at, (line) => {
      if (line.trim() === '') rawRead(raw);
    }),
  /** To the end of the connection: a body without a length, or bytes that are no HTTP. */
  close(raw, chunk, at) {
    lookIntoBody(raw.waiting[0], chunk.slice(at));
    return chunk.length;
  },
};

function rawData(raw, chunk, at, atEnd) {
  const end = Math.min(at + raw.left, chunk.length);
  lookIntoBody(raw.waiting[0], chunk.slice(at, end));
  raw.left -= end - at;
  if (raw.left === 0) atEnd(raw);
  return end;
}

function rawLine(raw, chunk, at, atEnd) {
  const feed = chunk.indexOf(10, at);
  const end = feed < 0 ? chunk.length : feed + 1;
  raw.head += Buffer.from(chunk.slice(at, end)).toString('latin1');
  if (feed < 0) return end;
  const line = raw.head;
  raw.head = '';
  atEnd(line);
  return end;
}

function rawAnswered(raw, head) {
  const status = Number((/^HTTP\/1\.[01] (\d{3})/.exec(head) || [])[1]);
  if (!(status >= 100)) {
    raw.state = 'close';
    return;
  }
  if (status < 200 && status !== 101) return;
  const header = (name) => (new RegExp(`\r\n${name}: *([^\r\n]*)`, 'i').exec(head) || [])[1];
  const [exchange] = raw.waiting;
  sentOnReady(exchange);
  exchange.answeredUs = now();
  answerHead(exchange, status, header);
  if (exchange.method === 'HEAD' || status === 204 || status === 304) rawRead(raw);
  else if (/chunked/i.test(header('transfer-encoding') || '')) raw.state = 'size';
  else if (header('content-length') === undefined) raw.state = 'close';
  else {
    raw.left = Number(header('content-length'));
    raw.state = 'body';
    if (raw.left === 0) rawRead(raw);
  }
}

function rawRead(raw) {
  raw.state = 'head';
  finish(raw.waiting.shift());
}

/** The other side has closed, which ends an answer without a length. */
function rawEnded(raw) {
  const [first] = raw.waiting;
  raw.hasEnded = true;
  if (first !== undefined && first.answeredUs !== null && raw.state === 'close') rawRead(raw);
}

/** The answers that are left were broken off, unless the program itself closed the socket. */
function rawClosed(raw, socket) {
  const isBroken = raw.hasEnded || Boolean(socket.errored);
  for (const exchange of raw.waiting.splice(0)) {
    if (isBroken) finish(exchange, errorName(socket.errored || { code: 'closed' }));
    else drop(exchange, 'closed');
  }
}
