// The end of an exchange whose answer the program does not read.

/** An exchange that gets its connection sooner has not waited for another one's: the loop takes its time, too. */
const QUEUED_US = 50000;
/** By agent, or without one, and origin: when the last exchange that had waited for a connection got one. */
const queuedUntil = new WeakMap();
const WITHOUT_AGENT = {};
const MOST_OPEN = 1000;

/** The exchange has a connection, or a stream of one. */
function noteDispatched({ agent, origin, calledUs, dispatchedUs }) {
  if (dispatchedUs - calledUs <= QUEUED_US) return;
  const key = agent || WITHOUT_AGENT;
  if (!queuedUntil.has(key)) queuedUntil.set(key, new Map());
  queuedUntil.get(key).set(origin, dispatchedUs);
}

/** Whether others waited for the connection of an answer that was not read. */
function isWaitedFor({ agent, origin, answeredUs }) {
  const queued = queuedUntil.get(agent || WITHOUT_AGENT);
  if (queued !== undefined && (queued.get(origin) || 0) > answeredUs) return true;
  let looked = 0;
  const since = now() - QUEUED_US;
  for (const other of open) {
    const waits = other.dispatchedUs === null && other.calledUs < since;
    if (waits && other.agent === agent && other.origin === origin) return true;
    if (++looked > MOST_OPEN) break;
  }
  return false;
}

/**
 * The program gave up an answer before its end. That is no failure once it had the status, unless others waited for the
 * connection meanwhile: then the answer was not read.
 */
function drop(exchange, failure) {
  if (exchange.answeredUs === null || isWaitedFor(exchange)) finish(exchange, failure);
  else finish(exchange);
}

/** When an answer was read that the program never read to its end; null: not at all, or it was still coming. */
function readWithoutReader(exchange) {
  if (exchange.answeredUs === null || isWaitedFor(exchange)) return null;
  if (exchange.wholeUs !== null) return exchange.wholeUs;
  const readUs =
    exchange.nextCallUs === null && isStuck(exchange) ? exchange.answeredUs : exchange.nextCallUs;
  if (readUs !== null) exchange.estimated = (exchange.estimated || []).concat('readUs');
  return readUs;
}

/** Whether the rest of an answer does not come because the program does not read what has come. */
function isStuck({ answer, socket }) {
  return (answer !== null && answer.readableLength > 0) || (socket !== null && socket.readableLength > 0);
}

/** What the program's own error is called; a number says nothing. */
const errorName = (error) =>
  (error && ((typeof error.code === 'string' && error.code) || error.name)) || 'error';
