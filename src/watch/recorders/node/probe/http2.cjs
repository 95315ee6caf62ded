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
  const streams = { active: 0, waiting: [], stands: false };
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

/** nghttp2 keeps back the streams that the server does not allow yet; that is not told, but can be counted. */
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
    // Until it stands, a session's opening is all that is waited for.
    exchange.dispatchedUs = streams.stands ? Math.max(exchange.calledUs, now()) : exchange.calledUs;
    const ready = exchange.connection === null ? null : exchange.connection.readyUs;
    exchange.connectedUs = ready === null ? null : Math.max(ready, exchange.dispatchedUs);
    exchange.sentUs = exchange.connectedUs;
    noteDispatched(exchange);
  }
  streams.stands = true;
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
const isOfUndici = (session) =>
  Object.getOwnPropertySymbols(session).some((symbol) => symbol.description === 'open streams');

function originOfSession(session, headers) {
  if (session.originSet && session.originSet[0]) return session.originSet[0];
  return originOf(session.encrypted === false ? 'http:' : 'https:', headers[':authority'] || 'unknown');
}

function attach(exchange, session) {
  const kept = Object.getOwnPropertySymbols(session).find((symbol) => symbol.description === 'socket');
  const socket = session[kept];
  if (!socket || exchange.connection !== null) return;
  assign(exchange, socket);
  exchange.connection.protocol = 'h2';
}

/** Hears a stream's events before the program does, and without being one of its listeners. */
function listen(stream, exchange, session) {
  const answered = guarded('http2 response', (fields) => {
    attach(exchange, session);
    if (!exchange.admitted) admit(session);
    exchange.answeredUs = now();
    answerHead(exchange, fields[':status'], (name) => fields[name]);
  });
  const readOn = guarded('http2 body', (chunk) => lookIntoBody(exchange, chunk));
  const closed = guarded('http2 close', (code) => {
    leave(exchange, session);
    if (exchange.answeredUs !== null && code === CANCELLED) drop(exchange, `rst ${code}`);
    else finish(exchange, exchange.answeredUs === null || code ? `rst ${code}` : undefined);
    admit(session);
  });
  const emit = stream.emit;
  stream.emit = function (...args) {
    if (args[0] === 'response') answered(args[1]);
    else if (args[0] === 'data') readOn(args[1]);
    else if (args[0] === 'close') closed(this.rstCode);
    return emit.apply(this, args);
  };
  Object.defineProperty(stream, 'emit', { enumerable: false });
}

function leave(exchange, session) {
  const streams = streamsOf(session);
  const at = streams.waiting.indexOf(exchange);
  if (at >= 0) streams.waiting.splice(at, 1);
  if (exchange.admitted) streams.active--;
}
