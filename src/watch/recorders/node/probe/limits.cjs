// Limits, each once.

const limits = new Map();
/** How many of them the last environment record had. */
let limitsWritten = 0;

function limit(kind, of, size, setAt) {
  if (typeof size !== 'number' || !Number.isFinite(size)) return;
  const key = `${of} ${size} ${setAt}`;
  if (!limits.has(key)) limits.set(key, setAt === undefined ? { kind, size, of } : { kind, size, of, setAt });
}
