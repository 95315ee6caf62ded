// Exchanges, from the call to the record.

const SEES = [
  'exchange',
  'wantedUs',
  'calledUs',
  'dispatchedUs',
  'connectedUs',
  'sentUs',
  'answeredUs',
  'readUs',
  'connection',
  'stack',
  'unit',
  'block',
  'resource',
  'from',
  'environment',
];
/** Those that have not ended. */
const open = new Set();
let exchangeCount = 0;
let finishedCount = 0;
/** Written with the next turn: until then it may turn out what they were part of. */
let ended = [];

/** `hasCredentials` says, when it is asked, whether the request carries some. */
function call(method, origin, url, hasCredentials) {
  watchLoop();
  const at = now();
  const exchange = {
    id: ++exchangeCount,
    request: exchangeCount,
    attempt: 1,
    because: undefined,
    method,
    origin,
    url: cleanUrl(url),
    /** As it is: stays in memory. */
    target: url,
    stack: stackHere(),
    calledUs: at,
    dispatchedUs: null,
    connectedUs: null,
    sentUs: null,
    answeredUs: null,
    readUs: null,
    endedAtUs: null,
    /** When the last byte of the answer had come, whether or not the program reads it. */
    wholeUs: null,
    /** When the program, which had this answer, called the next exchange. */
    nextCallUs: null,
    retryAfterSeconds: undefined,
    /** Of node:http: whose connections it may have, and the answer as the program has it. */
    agent: undefined,
    /** What is looked into for parts of later URLs, and what was found of this one. */
    scan: null,
    coded: null,
    shape: null,
    holders: [],
    wasAllSeen: false,
    answer: null,
    connection: null,
    ordinal: null,
    socket: null,
    status: null,
    estimated: undefined,
    served: servedHere(),
    /** The first of its request. */
    first: null,
    /** The promise whose continuation called it. */
    caller: null,
    waits: null,
    /** What its work has behind it. */
    before: null,
    /** The one before it in the same work, where no other goes on with that; and the unit of that work. */
    goesOnFrom: null,
    isFollowed: false,
    unit: undefined,
    /** What those have behind them that have waited for it. */
    past: null,
    /** The exchange whose answer the caller had waited for. */
    after: null,
    stretch: null,
    fulfills: [],
  };
  unitOf(exchange);
  const { after } = exchange;
  if (after !== null && after.answeredUs !== null && after.nextCallUs === null) after.nextCallUs = at;
  exchange.first = exchange;
  relate(exchange, hasCredentials);
  exchange.after = null;
  guarded('url', lookIntoUrl)(exchange);
  open.add(exchange);
  return exchange;
}

/** It has its connection, which may still be opening. */
function assign(exchange, socket) {
  const connection = connectionOf(socket);
  exchange.socket = socket;
  exchange.connection = connection;
  exchange.ordinal = connection.count++;
}

function finish(exchange, failure) {
  if (!open.delete(exchange)) return;
  finishedCount++;
  noteFinished(exchange);
  guarded('body', endLooking)(exchange);
  const connection = exchange.connection;
  const at = now();
  exchange.endedAtUs = at;
  if (failure === undefined) exchange.readUs = readAt(exchange, at);
  else if (exchange.answeredUs === null) expect(exchange.target, exchange, 'retry');
  if (connection !== null) {
    connection.lastReadUs = at;
    writeConnection(connection, exchange.socket, exchange.origin);
  }
  ended.push([exchange, failure === undefined ? undefined : { failedUs: at, error: failure }]);
  if (ended.length >= 1000) writeEnded();
}

/** The last byte, or the end of the program's interest in it. */
function readAt({ answeredUs, wholeUs, nextCallUs }, at) {
  const from = answeredUs === null ? 0 : answeredUs;
  return Math.max(from, Math.min(at, wholeUs === null ? at : wholeUs, nextCallUs === null ? at : nextCallUs));
}

function writeEnded() {
  const all = ended;
  ended = [];
  for (const [exchange, failure] of all) writeExchange(exchange, failure);
}

function writeExchange(exchange, failure) {
  const connection = exchange.connection;
  if (connection !== null && exchange.connectedUs === null && connection.readyUs !== null)
    exchange.connectedUs = Math.max(connection.readyUs, exchange.dispatchedUs);
  exchange.waits = waitsBefore(exchange);
  const madeUs = handedOverUs(exchange);
  exchange.unit = tellUnit(exchange, madeUs);
  const record = {
    kind: 'exchange',
    id: exchange.id,
    request: exchange.request,
    attempt: exchange.because === undefined ? undefined : exchange.attempt,
    because: exchange.because,
    pid,
    thread,
    unit: exchange.unit,
    connection: connection === null ? null : connection.id,
    ordinal: exchange.ordinal,
    method: exchange.method,
    origin: exchange.origin,
    url: exchange.url,
    wantedUs: madeUs === null ? exchange.calledUs : madeUs,
    calledUs: exchange.calledUs,
    dispatchedUs: exchange.dispatchedUs,
    connectedUs: exchange.connectedUs,
    sentUs: exchange.sentUs,
    answeredUs: exchange.answeredUs,
    readUs: exchange.readUs,
    status: exchange.status,
    retryAfterSeconds: exchange.retryAfterSeconds,
    from: cameFrom(exchange),
    stack: exchange.stack,
    estimated: exchange.estimated,
  };
  write(Object.assign(record, failure));
  forget(exchange);
}

/** Promises keep it, and it would keep the promises before it, and so on: all of the program's past. */
function forget(exchange) {
  exchange.scan =
    exchange.coded =
    exchange.shape =
    exchange.waits =
    exchange.before =
    exchange.goesOnFrom =
    exchange.caller =
    exchange.answer =
    exchange.socket =
    exchange.served =
      null;
  exchange.fulfills = [];
}

/** Of those that are under way as the process ends. */
function writeOpen() {
  for (const exchange of open) {
    if (exchange.connection !== null) {
      if (exchange.sentUs === null) sentOnReady(exchange);
      writeConnection(exchange.connection, exchange.socket, exchange.origin);
    }
    exchange.readUs = readWithoutReader(exchange);
    writeExchange(exchange);
  }
}

function originOf(protocol, host) {
  const secure = protocol === 'https:';
  return `${secure ? 'https' : 'http'}://${String(host).replace(secure ? /:443$/ : /:80$/, '')}`;
}
