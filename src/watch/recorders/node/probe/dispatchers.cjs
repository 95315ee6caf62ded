// undici's pools and clients: where they were made, and how many connections they may have.

const DISPATCHERS = new Set(['Client', 'Pool', 'BalancedPool', 'RoundRobinPool', 'Agent']);
const dispatchers = new WeakSet();
/** Where they were made. */
const dispatcherSites = new WeakMap();
/** Those whose limits are read when the next request is made. */
const madeDispatchers = [];
const wrappedPrototypes = new WeakSet();

/** The constructor of every emitter comes through init, as node:domain's patch does. */
function installDispatchers() {
  const emitter = require('events');
  const init = emitter.init;
  emitter.init = function (...args) {
    if (this !== undefined && this.constructor && DISPATCHERS.has(this.constructor.name))
      dispatcherMade(this);
    return init.apply(this, args);
  };
}

const dispatcherMade = guarded('dispatcher', (dispatcher) => {
  if (typeof dispatcher.dispatch !== 'function') return;
  let prototype = Object.getPrototypeOf(dispatcher);
  while (!Object.hasOwn(prototype, 'dispatch')) prototype = Object.getPrototypeOf(prototype);
  if (!wrappedPrototypes.has(prototype)) {
    wrappedPrototypes.add(prototype);
    wrapDispatch(prototype);
  }
  const site = siteHere();
  if (site !== undefined && !site.includes('/undici/')) dispatcherSites.set(dispatcher, site);
  madeDispatchers.push(dispatcher);
  if (madeDispatchers.length > 100) madeDispatchers.shift();
});

function limitsOfDispatcher(dispatcher) {
  if (dispatchers.has(dispatcher)) return;
  dispatchers.add(dispatcher);
  const name = dispatcher.constructor.name;
  const where = dispatcherSites.get(dispatcher);
  if (name !== 'Client') {
    const options = keptBy(dispatcher, 'options') || {};
    const size = keptBy(dispatcher, 'connections') || options.connections;
    limit('connections', `undici ${name} connections`, size, where);
  } else if (where !== undefined) {
    // A pool's clients, whose place is not known, are made by it, not by the program.
    limit('connections', 'undici Client connections', 1, where);
    limit('pipelining', 'undici Client pipelining', keptBy(dispatcher, 'pipelining'), where);
  }
}
