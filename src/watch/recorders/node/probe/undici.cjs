// undici, also that of Node's own fetch.

/** The call of `dispatch` that is under way, and those whose pool keeps them in its queue, by their options. */
let dispatching = null;
const queued = new WeakMap();

function installUndici() {
  const on = (name, work) => channel(`undici:${name}`).subscribe(guarded(name, work));
  on('request:create', createdByUndici);
  on('client:sendHeaders', sentByUndici);
  on('request:headers', ({ request, response }) => {
    const exchange = requests.get(request);
    if (exchange === undefined || exchange.answeredUs !== null) return;
    exchange.answeredUs = now();
    exchange.status = response.statusCode;
  });
  on('request:trailers', ({ request }) => {
    const exchange = requests.get(request);
    if (exchange !== undefined) finish(exchange);
  });
  on('request:error', ({ request, error }) => {
    const exchange = requests.get(request);
    if (exchange !== undefined) finish(exchange, (error && (error.code || error.name)) || 'error');
  });
}

function createdByUndici({ request }) {
  const host = String(request.origin)
    .replace(/^\w+:\/\//, '')
    .replace(/\/$/, '');
  const origin = originOf(/^https/.test(String(request.origin)) ? 'https:' : 'http:', host);
  for (const dispatcher of madeDispatchers.splice(0)) limitsOfDispatcher(dispatcher);
  if (dispatching === null || dispatching.created) {
    requests.set(request, call(request.method, origin, origin + request.path));
    return;
  }
  const exchange = dispatching.exchange;
  dispatching.created = true;
  exchange.origin = origin;
  exchange.url = cleanUrl(origin + request.path);
  requests.set(request, exchange);
}

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
}

/** A pool makes the request when it has a connection for it: what was asked is known where it is handed in. */
function wrapDispatch(prototype) {
  const dispatch = prototype.dispatch;
  replace(prototype, 'dispatch', function (...args) {
    const options = args[0];
    const isInner = dispatching !== null && dispatching.options === options;
    if (!options || typeof options !== 'object' || isInner) return dispatch.apply(this, args);
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

const handedIn = guarded('dispatch', (dispatcher, options) => {
  const before = queued.get(options);
  if (before !== undefined && before.length > 0) return before.shift();
  const origin = String(options.origin || originKeptBy(dispatcher) || 'http://unknown');
  const exchange = call(options.method || 'GET', origin, origin + (options.path || ''));
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

/** What undici keeps under a symbol of that description: https://github.com/nodejs/undici, lib/core/symbols.js. */
function keptBy(dispatcher, description) {
  const symbol = Object.getOwnPropertySymbols(dispatcher).find((each) => each.description === description);
  return symbol === undefined ? undefined : dispatcher[symbol];
}
