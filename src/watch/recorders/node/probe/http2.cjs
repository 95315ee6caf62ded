// node:http2.

/** RFC 9113 §7 */
const CANCELLED = 8;
const sessions = new WeakMap();

/** Before 22 no channel tells of a stream, so http2 is loaded, and its sessions get another `request`. */
function installHttp2() {
  if (major < 22) guarded('http2', wrapHttp2)();
  else
    channel('http2.client.stream.created').subscribe(({ stream, headers }) =>
      onStream(stream.session, stream, headers),
    );
}

function wrapHttp2() {
  const http2 = require('http2');
  const connect = http2.connect;
  replace(http2, 'connect', function (...args) {
    const session = connect.apply(this, args);
    wrapSession(session);
    return session;
  });
}

const watched = Symbol('watched by abreast');
const wrapSession = guarded('http2 session', (session) => {
  const prototype = Object.getPrototypeOf(session);
  if (prototype.request[watched]) return;
  const request = prototype.request;
  replace(prototype, 'request', function (...args) {
    const stream = request.apply(this, args);
    onStream(this, stream, args[0] || {});
    return stream;
  });
  Object.defineProperty(prototype.request, watched, { value: true });
});

function streamsOf(session) {
  const known = sessions.get(session);
  if (known !== undefined) return known;
  const streams = { active: 0, waiting: [], isOpen: false };
  sessions.set(session, streams);
  const prototype = Object.getPrototypeOf(session);
  if (!wrappedPrototypes.has(prototype)) {
    wrappedPrototypes.add(prototype);
    overhear(prototype, onSessionEvent);
  }
  return streams;
}

const onSessionEvent = guarded('http2 session', (session, args) => {
  const isAdmitting = args[0] === 'connect' || args[0] === 'remoteSettings';
  if (isAdmitting && sessions.has(session)) admit(session);
});

/** nghttp2 keeps back the streams that the server does not allow yet. No event says so, but they can be counted. */
function admit(session) {
  const streams = streamsOf(session);
  const settings = session.remoteSettings;
  const most =
    settings && settings.maxConcurrentStreams !== undefined ? settings.maxConcurrentStreams : Infinity;
  if (most !== Infinity && most < 2 ** 31) limit('streams', 'http2 maxConcurrentStreams', most, 'the server');
  while (streams.waiting.length > 0 && streams.active < most) {
    const exchange = streams.waiting.shift();
    streams.active++;
    exchange.admitted = true;
    // Until a session is open, its streams wait for that alone.
    exchange.dispatchedUs = streams.isOpen ? Math.max(exchange.calledUs, now()) : exchange.calledUs;
    const ready = exchange.connection === null ? null : exchange.connection.readyUs;
    exchange.connectedUs = ready === null ? null : Math.max(ready, exchange.dispatchedUs);
    exchange.sentUs = exchange.connectedUs;
    noteDispatched(exchange);
  }
  streams.isOpen = true;
}

const onStream = guarded('http2 stream', (session, stream, headers) => {
  if (isOfUndici(session)) return;
  const origin = originOfSession(session, headers);
  const target = origin + (headers[':path'] || '/');
  const exchange = call(
    headers[':method'] || 'GET',
    origin,
    target,
    () => headers.authorization !== undefined,
  );
  exchange.estimated = ['dispatchedUs', 'sentUs'];
  attach(exchange, session);
  streamsOf(session).waiting.push(exchange);
  if (!session.connecting) admit(session);
  listen(stream, exchange, session);
});

/** undici's own sessions come through its channels. */
const isOfUndici = (session) => keptBy(session, 'open streams') !== undefined;

function originOfSession(session, headers) {
  if (session.originSet && session.originSet[0]) return session.originSet[0];
  return originOf(session.encrypted === false ? 'http:' : 'https:', headers[':authority'] || 'unknown');
}

function attach(exchange, session) {
  const socket = keptBy(session, 'socket');
  if (!socket || exchange.connection !== null) return;
  assign(exchange, socket);
  exchange.connection.protocol = 'h2';
}

/**
 * Hears a stream's events before the program does, and without being one of its listeners. Its body is what node:http2
 * pushes: bytes, however the program reads them. The first of them may be pushed before the `response` event.
 */
function listen(stream, exchange, session) {
  const early = [];
  const lookInto = (chunk) => (chunk === null ? endLooking(exchange) : lookIntoBody(exchange, chunk));
  const answered = guarded('http2 response', (fields) => {
    attach(exchange, session);
    if (!exchange.admitted) admit(session);
    exchange.answeredUs = now();
    answerHead(exchange, fields[':status'], (name) => fields[name]);
    early.splice(0).forEach(lookInto);
  });
  const pushed = guarded('http2 body', (chunk) => {
    if (exchange.answeredUs === null) early.push(chunk);
    else lookInto(chunk);
  });
  const closed = guarded('http2 close', (code) => {
    leave(exchange, session);
    if (exchange.answeredUs !== null && code === CANCELLED) drop(exchange, `rst ${code}`);
    else finish(exchange, exchange.answeredUs === null || code ? `rst ${code}` : undefined);
    admit(session);
  });
  const { emit, push } = stream;
  replace(stream, 'emit', function (...args) {
    if (args[0] === 'response') answered(args[1]);
    else if (args[0] === 'close') closed(this.rstCode);
    return emit.apply(this, args);
  });
  replace(stream, 'push', function (...args) {
    pushed(args[0]);
    return push.apply(this, args);
  });
}

function leave(exchange, session) {
  const streams = streamsOf(session);
  const at = streams.waiting.indexOf(exchange);
  if (at >= 0) streams.waiting.splice(at, 1);
  if (exchange.admitted) streams.active--;
}
