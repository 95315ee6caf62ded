// node:http and node:https.

/** The exchanges of requests of node:http, and of undici. */
const requests = new WeakMap();
/** Those of the answers of node:http. */
const answers = new WeakMap();

const REQUEST_EVENTS = new Set(['socket', 'response', 'upgrade', 'connect', 'error', 'close']);
const ANSWER_EVENTS = new Set(['end', 'close', 'aborted', 'error']);

/** From 22 on a channel tells of a request; before, and where no agent is in between, its first event does. */
function installHttp() {
  channel('http.client.request.created').subscribe((message) => created(message.request));
  channel('http.client.request.start').subscribe((message) => requestEnded(message.request));
  const addRequest = http.Agent.prototype.addRequest;
  replace(http.Agent.prototype, 'addRequest', function (...args) {
    created(args[0]);
    return addRequest.apply(this, args);
  });
  const emitOfRequest = http.ClientRequest.prototype.emit;
  replace(http.ClientRequest.prototype, 'emit', function (...args) {
    if (REQUEST_EVENTS.has(args[0])) onRequestEvent(this, args[0], args[1]);
    return emitOfRequest.apply(this, args);
  });
  const emitOfAnswer = http.IncomingMessage.prototype.emit;
  replace(http.IncomingMessage.prototype, 'emit', function (...args) {
    if (ANSWER_EVENTS.has(args[0])) onAnswerEvent(this, args[0]);
    return emitOfAnswer.apply(this, args);
  });
}

const created = guarded('http request', (request) => {
  if (requests.has(request)) return;
  const absolute = /^https?:\/\/[^/?#]+/.exec(request.path);
  const host = request.getHeader('host') || request.host || request.socketPath;
  const origin = absolute === null ? originOf(request.protocol, host) : absolute[0];
  const url = absolute === null ? origin + request.path : request.path;
  requests.set(request, call(request.method, origin, url));
  if (request.agent) limitsOfAgent(request.agent);
});

const requestEnded = guarded('http start', (request) => {
  const exchange = requests.get(request);
  if (exchange !== undefined) exchange.endedUs = now();
});

const onRequestEvent = guarded('http event', (request, name, value) => {
  if (name === 'socket') created(request);
  const exchange = requests.get(request);
  if (exchange === undefined) return;
  if (name === 'socket') {
    exchange.dispatchedUs = now();
    assign(exchange, value);
  } else if (name === 'error') {
    sentOnReady(exchange);
    finish(exchange, (value && (value.code || value.name)) || 'error');
  } else if (name !== 'close') {
    answeredBy(exchange, name, value);
  } else if (exchange.answeredUs === null) {
    sentOnReady(exchange);
    finish(exchange, 'closed');
  }
});

/** 'upgrade' and 'connect' give the connection to the program: there is no body that would end. */
function answeredBy(exchange, name, answer) {
  sentOnReady(exchange);
  exchange.answeredUs = now();
  exchange.status = answer.statusCode;
  if (name === 'response') answers.set(answer, exchange);
  else finish(exchange);
}

/** Node hands a request to its socket as soon as both are there, in the same turn of the loop. */
function sentOnReady(exchange) {
  const connection = exchange.connection;
  if (connection === null || connection.readyUs === null) return;
  exchange.connectedUs = Math.max(connection.readyUs, exchange.dispatchedUs);
  exchange.sentUs = Math.max(exchange.connectedUs, exchange.endedUs || 0);
}

const onAnswerEvent = guarded('http answer', (answer, name) => {
  const exchange = answers.get(answer);
  if (exchange === undefined) return;
  if (name === 'end') finish(exchange);
  else if (!answer.complete || name === 'error') finish(exchange, 'aborted');
});
