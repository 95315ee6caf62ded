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
  overhear(http.ClientRequest.prototype, (request, args) => {
    if (REQUEST_EVENTS.has(args[0])) onRequestEvent(request, args[0], args[1]);
  });
  overhear(http.IncomingMessage.prototype, (answer, args) => {
    if (ANSWER_EVENTS.has(args[0])) onAnswerEvent(answer, args[0]);
  });
}

const created = guarded('http request', (request) => {
  if (requests.has(request)) return;
  const absolute = /^https?:\/\/[^/?#]+/.exec(request.path);
  const host = request.getHeader('host') || request.host || request.socketPath;
  const origin = absolute === null ? originOf(request.protocol, host) : absolute[0];
  const url = absolute === null ? origin + request.path : request.path;
  const exchange = call(request.method, origin, url, () => request.hasHeader('authorization'));
  exchange.agent = request.agent;
  requests.set(request, exchange);
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
    noteDispatched(exchange);
    assign(exchange, value);
  } else if (name === 'error') {
    sentOnReady(exchange);
    finish(exchange, errorName(value));
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
  noteAnswered(exchange);
  answerHead(exchange, answer.statusCode, (name) => answer.headers[name]);
  if (name !== 'response') finish(exchange);
  else {
    exchange.answer = answer;
    answers.set(answer, exchange);
  }
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
  else if (answer.complete || isGivenUp(answer)) drop(exchange, 'aborted');
  else finish(exchange, 'aborted');
});

/** Whether the program closed it, and not because of a timeout. What the other side does is an error of the answer. */
function isGivenUp(answer) {
  const error = keptBy(answer.req, 'kError');
  if (error) return !/timeout|timedout/i.test(`${error.name} ${error.code}`);
  return answer._dumped || !answer.errored;
}

/** The parser pushes each piece of the body into the answer, and null at its end. */
function installBodies() {
  const above = Object.getPrototypeOf(http.IncomingMessage.prototype);
  replace(http.IncomingMessage.prototype, 'push', function (...args) {
    if (answers.has(this)) onBody(this, args[0]);
    return above.push.apply(this, args);
  });
}

const onBody = guarded('http body', (answer, chunk) => {
  const exchange = answers.get(answer);
  if (chunk === null) {
    if (answer.complete) exchange.wholeUs = now();
  } else lookIntoBody(exchange, chunk);
});
