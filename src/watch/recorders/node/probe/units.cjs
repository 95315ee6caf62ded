// Units of work: requests that a server of this process takes, and work that was handed over to run concurrently.

let unitCount = 0;
/** Which served request this code runs for; null until a server takes one: before Node 24 it costs 0.1 ms for each. */
let serving = null;
/** Those that are not answered, and have made an exchange. */
const servedOpen = new Set();
/** By the answers to them. */
const servedBy = new WeakMap();

function installServed() {
  channel('http.server.request.start').subscribe(guarded('served request', serve));
  overhear(http.ServerResponse.prototype, (response, args) => {
    if (args[0] === 'close' && serving !== null) servedAnswered(response);
  });
}

/** The channel reports a request right before the program gets it, in the same turn. */
function serve({ request, response }) {
  if (serving === null) serving = new (require('async_hooks').AsyncLocalStorage)();
  const unit = { id: ++unitCount, madeUs: now(), endedUs: null, named: false, request };
  serving.enterWith(unit);
  servedBy.set(response, unit);
}

const servedAnswered = guarded('served request', (response) => {
  const unit = servedBy.get(response);
  if (unit === undefined || unit.endedUs !== null) return;
  unit.endedUs = now();
  servedOpen.delete(unit);
  if (unit.named) writeServed(unit);
});

/** The served request that this code runs for; null where there is none. */
function servedHere() {
  const unit = serving === null ? undefined : serving.getStore();
  return unit === undefined ? null : unit;
}

/** Its record is written when it ends, if an exchange has named it: most servers take many that send no request. */
function nameServed(unit) {
  if (unit.named) return;
  unit.named = true;
  if (unit.endedUs === null) servedOpen.add(unit);
  else writeServed(unit);
}

function writeServed({ id, madeUs, endedUs, request }) {
  const { method } = request;
  const route = routeOf(request);
  write({ kind: 'unit', id, pid, type: 'served-request', madeUs, begunUs: madeUs, endedUs, method, route });
}

/** What express calls its route ('/users/:id'), else the path. */
function routeOf({ url, baseUrl = '', route }) {
  const path = route && typeof route.path === 'string' ? `${baseUrl}${route.path}` : url.split(/[?#]/, 1)[0];
  return cleanUrl(path);
}

function writeOpenServed() {
  for (const unit of servedOpen) writeServed(unit);
}

/** The id of the unit that an exchange belongs to, of which there is a record then. */
function tellUnit(exchange, wantedUs) {
  const { served, goesOnFrom } = exchange;
  if (served !== null) nameServed(served);
  const parent = served === null ? undefined : served.id;
  if (wantedUs === null) return goesOnFrom === null ? parent : goesOnFrom.unit || parent;
  const id = ++unitCount;
  const isQueued = exchange.waits === null;
  const type = isQueued ? 'queue-item' : 'task';
  const fromUs = isQueued ? wantedUs : Math.min(wantedUs, firstWaitUs(exchange.waits));
  const begunUs = isQueued ? exchange.calledUs : fromUs;
  write({ kind: 'unit', id, pid, type, parent, madeUs: fromUs, begunUs, endedUs: exchange.endedAtUs });
  writeWaits(exchange, id);
  return id;
}
