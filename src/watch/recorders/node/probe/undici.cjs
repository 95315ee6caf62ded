// undici, also that of Node's own fetch.

/** The call of `dispatch` that is under way, and those whose pool keeps them in its queue, by their options. */
let dispatching = null;
const queued = new WeakMap();

/** What undici calls it when the program cancels an answer, or no longer has it. */
const GIVEN_UP = new Set(['AbortError', 'UND_ERR_ABORTED', 'UND_ERR_DESTROYED', 'UND_ERR_CLOSED']);

function installUndici() {
  const on = (name, work) => channel(`undici:${name}`).subscribe(guarded(name, work));
  on('request:create', createdByUndici);
  on('client:sendHeaders', sentByUndici);
  on('request:headers', ({ request, response }) => {
    const exchange = requests.get(request);
    if (exchange === undefined || exchange.answeredUs !== null) return;
    exchange.answeredUs = now();
    answerHead(exchange, response.statusCode, (name) => rawHeader(response.headers, name));
  });
  on('request:trailers', ({ request }) => {
    const exchange = requests.get(request);
    if (exchange !== undefined) finish(exchange);
  });
  on('request:error', ({ request, error }) => {
    const exchange = requests.get(request);
    if (exchange === undefined) return;
    const name = errorName(error);
    if (GIVEN_UP.has(name)) drop(exchange, name);
    else finish(exchange, name);
  });
}

/** By version, what a request of undici calls with a piece of its answer's body. */
const BODY_METHODS = ['onData', 'onResponseData'];

function overhearBodies(prototype) {
  if (wrappedPrototypes.has(prototype)) return;
  wrappedPrototypes.add(prototype);
  for (const name of BODY_METHODS) {
    if (!Object.hasOwn(prototype, name)) continue;
    const original = prototype[name];
    replace(prototype, name, function (...args) {
      onUndiciBody(
        this,
        args.find((each) => each instanceof Uint8Array),
      );
      return original.apply(this, args);
    });
  }
}

const onUndiciBody = guarded('undici body', (request, chunk) => {
  const exchange = requests.get(request);
  if (exchange !== undefined && chunk !== undefined) lookIntoBody(exchange, chunk);
});

function createdByUndici({ request }) {
  overhearBodies(Object.getPrototypeOf(request));
  const host = String(request.origin)
    .replace(/^\w+:\/\//, '')
    .replace(/\/$/, '');
  const origin = originOf(/^https/.test(String(request.origin)) ? 'https:' : 'http:', host);
  for (const dispatcher of madeDispatchers.splice(0)) limitsOfDispatcher(dispatcher);
  if (dispatching === null || dispatching.created) {
    const credentials = () => hasAuthorization(request.headers);
    requests.set(request, call(request.method, origin, origin + request.path, credentials));
    return;
  }
  const exchange = dispatching.exchange;
  dispatching.created = true;
  exchange.origin = origin;
  exchange.target = origin + request.path;
  exchange.url = cleanUrl(exchange.target);
  requests.set(request, exchange);
}

/** Of [name, value, ...], as bytes. */
function rawHeader(headers, wanted) {
  for (let at = 0; at + 1 < headers.length; at += 2)
    if (String(headers[at]).toLowerCase() === wanted) return String(headers[at + 1]);
  return undefined;
}

/** A text, a list, or an object, by version. */
const hasAuthorization = (headers) =>
  headers !== undefined &&
  headers !== null &&
  (typeof headers === 'string' ? /^authorization:/im : /"authorization"/i).test(
    typeof headers === 'string' ? headers : JSON.stringify(headers[Symbol.iterator] ? [...headers] : headers),
  );

function sentByUndici({ request, socket }) {
  const exchange = requests.get(request);
  if (exchange === undefined) return;
  const at = now();
  if (exchange.connection === null) assign(exchange, socket);
  const connection = exchange.connection;
  if (connection.readyUs === null) connection.readyUs = at;
  // It waited for the connection to be free, if that was in use when it came.
  const freeUs = exchange.ordinal === 0 || connection.protocol === 'h2' ? null : connection.lastReadUs;
  exchange.dispatchedUs = Math.max(exchange.calledUs, freeUs === null ? 0 : freeUs);
  exchange.connectedUs = Math.min(at, Math.max(connection.readyUs, exchange.dispatchedUs));
  exchange.sentUs = at;
  noteDispatched(exchange);
}

/** A pool makes the request when it has a connection for it; the call of `dispatch` hands it in before. */
function wrapDispatch(prototype) {
  const dispatch = prototype.dispatch;
  replace(prototype, 'dispatch', function (...args) {
    const options = args[0];
    const isInner = dispatching !== null && dispatching.options === options;
    if (!options || typeof options !== 'object' || isInner) return dispatch.apply(this, args);
    if (fixes.length > 0) raise(this);
    const outer = dispatching;
    dispatching = handedIn(this, options) || null;
    try {
      return dispatch.apply(this, args);
    } finally {
      if (dispatching !== null && !dispatching.created) keepQueued(dispatching);
      dispatching = outer;
    }
  });
}

const raise = guarded('raise a pool', (dispatcher) => raiseDispatcher(dispatcher));

const handedIn = guarded('dispatch', (dispatcher, options) => {
  const before = queued.get(options);
  if (before !== undefined && before.length > 0) return before.shift();
  const origin = String(options.origin || originKeptBy(dispatcher) || 'http://unknown');
  const credentials = () => hasAuthorization(options.headers);
  const exchange = call(options.method || 'GET', origin, origin + (options.path || ''), credentials);
  return { options, exchange, created: false };
});

function originKeptBy(dispatcher) {
  const url = keptBy(dispatcher, 'url');
  return url && url.origin;
}

function keepQueued(entry) {
  const before = queued.get(entry.options);
  if (before === undefined) queued.set(entry.options, [entry]);
  else before.push(entry);
}

function symbolOf(object, description) {
  return Object.getOwnPropertySymbols(object).find((each) => each.description === description);
}

/** What Node or undici (its lib/core/symbols.js) keeps in an object under a symbol of that description. */
function keptBy(object, description) {
  const symbol = symbolOf(object, description);
  return symbol === undefined ? undefined : object[symbol];
}
