// What units of work waited for: a lock, a semaphore, a queue, known by the place of the wait.

/** The first waits are all written, then one of so many. */
const WAITS_FIRST = 500;
const WAITS_THEN = 20;
/** Shorter waits are the loop's own delays. */
const LEAST_WAIT_US = 3000;
const resources = new Map();
const MOST_RESOURCES = 500;
let waitsSeen = 0;

/** The sum of the waits. */
function waitedUs(waits) {
  let us = 0;
  for (let wait = waits; wait !== null; wait = wait.before) us += wait.toUs - wait.fromUs;
  return us < LEAST_WAIT_US ? 0 : us;
}

/** Without those inside the HTTP client: it reads a body, or opens a connection. */
function ofOthers(waits) {
  if (waits === null) return null;
  const before = ofOthers(waits.before);
  const { fromUs, toUs, info } = waits;
  return isOfClient(info.site) ? before : { fromUs, toUs, info, before };
}

const CLIENT = /^node:internal\/(?:deps\/undici|webstreams|streams)|[/\\]undici[/\\]/;

function isOfClient(site) {
  if (site === null) return false;
  const [leaf] = framesOfWait(site);
  return leaf !== undefined && CLIENT.test(leaf.file);
}

function firstWaitUs(waits) {
  let wait = waits;
  while (wait.before !== null) wait = wait.before;
  return wait.fromUs;
}

/** What an exchange's unit waited for before it called, each with its place. */
function* waitsOf({ waits, fulfills, calledUs }) {
  for (let wait = waits; wait !== null; wait = wait.before)
    yield { fromUs: wait.fromUs, toUs: wait.toUs, stack: stackOfWait(wait.info) };
  if (waits !== null) return;
  const [first] = fulfills.filter(({ us }) => us < calledUs).sort((one, other) => one.us - other.us);
  if (first !== undefined) yield { fromUs: first.us, toUs: calledUs, stack: stackOfWait(first) };
}

function writeWaits(exchange, unit) {
  waitsSeen++;
  if (waitsSeen > WAITS_FIRST && waitsSeen % WAITS_THEN !== 0) return;
  for (const { fromUs, toUs, stack } of waitsOf(exchange)) {
    if (stack === undefined) continue;
    const wait = { kind: 'other', call: 'await', resource: resourceAt(stack) };
    write({ kind: 'block', pid, unit, fromUs, toUs, wait, stack });
  }
}

/** The resource whose waiters wait at this place: its class, or the function that waits, and its package. */
function resourceAt(stack) {
  const frames = stackFrames.get(stack);
  const frame = frames.find(({ file }) => !file.startsWith('node:')) || frames[0];
  const key = `${frame.file}:${frame.line}`;
  const known = resources.get(key);
  if (known !== undefined || resources.size >= MOST_RESOURCES) return known;
  const id = newResource();
  resources.set(key, id);
  const name = [frame.self, frame.function].filter(Boolean).join('.') || undefined;
  const packaged = /[/\\]node_modules[/\\]((?:@[^/\\]+[/\\])?[^/\\]+)[/\\](?!.*[/\\]node_modules[/\\])/.exec(
    frame.file,
  );
  const from = packaged === null ? undefined : packaged[1];
  write({
    kind: 'resource',
    id,
    pid,
    type: typeOfResource(from || name || ''),
    name,
    capacity: null,
    package: from,
  });
  return id;
}

const TYPES = [
  ['lock', /mutex|lock/i],
  ['semaphore', /sema|permit/i],
  ['rate', /throttl|rate|interval/i],
  ['queue', /queue|limit|pool|bottleneck/i],
];

function typeOfResource(name) {
  const found = TYPES.find(([, pattern]) => pattern.test(name));
  return found === undefined ? 'other' : found[0];
}

let resourceCount = 0;
const newResource = () => ++resourceCount;
