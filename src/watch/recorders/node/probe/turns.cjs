// Locks made of promises: pieces of work wait in a row for one promise, and each in turn replaces it.

/**
 * What came before in the same work: its last exchange, and its waits for others since then. Where it has waited in a row
 * that turns out to be a lock, what it waited for was another's, and `instead` is so.
 */
const newPast = (last, waits) => ({ last, waits, row: null, instead: null });
const NO_PAST = newPast(null, null);

function resolved(past) {
  if (past === null) return NO_PAST;
  const { row, instead } = past;
  if (row !== null && row.isLock) Object.assign(past, withWait(instead.before, instead.wait));
  return past;
}

/** What came before if it was a wait in a row for a lock; of the row before that it is known by now. */
function insteadOf(before, info) {
  if (before !== null && before.instead !== null) {
    const { last, waits } = resolved(before.instead.before);
    before.instead.before = newPast(last, waits);
  }
  return { wait: waitOf(info), before };
}

const waitOf = (info) => ({ fromUs: info.us, toUs: now(), info });

function withWait(past, { fromUs, toUs, info }) {
  const before = resolved(past);
  if (toUs - fromUs < WAITED_US) return before;
  return newPast(before.last, { fromUs, toUs, info, before: before.waits, ledTo: null, spentBy: null });
}

/**
 * Of those who wait for one promise, one makes the next that the others wait for, as in `while (busy) await busy`: that
 * is a lock. In a login that all wait for, nobody does.
 */
function isMadeByPeer(from, { peers, madeIn }) {
  return peers !== null && from.peers === peers && from.madeIn !== madeIn && !from.isOfMaker;
}

/**
 * Whether the work that made a promise waits for it. What is made in one stretch may be of several pieces of work, but
 * not where it had a lock; and an asynchronous function that returns a promise waits for it a moment later.
 */
function isMaker(from, { madeIn, peers, stretch: waitsIn }) {
  return madeIn === from.madeIn && (waitsIn !== from.stretch || (peers !== null && peers.isLock));
}

/** `before` is the row in which its maker, and those who wait for it, had waited before: one is enough, all would pile up. */
function rowOf(from, { peers }) {
  if (from.waitingRow === null) {
    if (peers !== null) peers.before = null;
    from.waitingRow = { isLock: false, before: from.peers === peers ? peers : null };
  }
  return from.waitingRow;
}

function foundLock(row) {
  for (let at = row; at !== null && !at.isLock; at = at.before) at.isLock = true;
}
