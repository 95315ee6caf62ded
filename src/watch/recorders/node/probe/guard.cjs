// What keeps the recorder's faults, and its functions in the place of Node's, from the program.

/** A recorder's own fault: said once a place, and counted. */
const troubles = new Set();
function trouble(where, error) {
  lost.notUnderstood++;
  if (troubles.has(where)) return;
  troubles.add(where);
  const text = `${where}: ${cleanText(String(debug ? error.stack : error.message))}`;
  write({ kind: 'note', atUs: now(), text });
}

/** Runs a part of the recorder; what goes wrong in it stays in it. */
function guarded(where, work) {
  return function (...args) {
    try {
      return work.apply(this, args);
    } catch (error) {
      trouble(where, error);
    }
  };
}

/**
 * Hears the events of all objects of a class before the program does, without being one of their listeners: one more
 * of these may be the one too many that Node warns of. What `emit` is above is asked each time: node:domain replaces it.
 */
function overhear(prototype, hear) {
  const own = Object.getOwnPropertyDescriptor(prototype, 'emit');
  const above = own === undefined ? Object.getPrototypeOf(prototype) : { emit: prototype.emit };
  replace(prototype, 'emit', function (...args) {
    hear(this, args);
    return above.emit.apply(this, args);
  });
}

/** Puts a function in the place of another, and lets it look the same. */
function replace(owner, name, made) {
  const original = owner[name];
  Object.defineProperty(made, 'name', { value: original.name, configurable: true });
  Object.defineProperty(made, 'length', { value: original.length, configurable: true });
  const own = Object.getOwnPropertyDescriptor(owner, name);
  const enumerable = own === undefined ? false : own.enumerable;
  Object.defineProperty(owner, name, { value: made, writable: true, configurable: true, enumerable });
}
