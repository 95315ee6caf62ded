// Where in the program a call was made.

const FRAMES = 60;
const KEPT_FRAMES = 24;
/** All of the first exchanges get their stack, then one of so many: a stack costs as much as the rest together. */
const STACKS_FIRST = 200;
const STACKS_THEN = 50;
const stackIds = new Map();
/** By the stack's id. */
const stackFrames = new Map();
let stacksAsked = 0;

/** The id of the program's own stack, leaf first; frames of Node are left out but the one that was called. */
function stackHere() {
  stacksAsked++;
  if (stacksAsked > STACKS_FIRST && stacksAsked % STACKS_THEN !== 0) return undefined;
  const sites = callSites(stackHere);
  return stackId(sites.map(frameOf).filter((frame) => frame !== null));
}

/**
 * How many more waits may tell their place (each costs some 10 us): more from the first exchange on, fewer than that in
 * one stretch, as most are alike, and some again after each turn.
 */
const SITES_FIRST = 200;
const SITES_AGAIN = 10;
const SITES_A_STRETCH = 100;
const SITES_A_STRETCH_BEFORE = 12;
const SITE_FRAMES = 12;
/** What only runs the code of others. */
const PLUMBING =
  /^node:internal\/promise_hooks$|[/\\](?:tslib|regenerator-runtime|@babel[/\\]runtime|@swc[/\\]helpers)[/\\]/;
let sitesLeft = SITES_FIRST / 2;
let sitesAgainUs = 0;

/** Where a wait begins. It is read only if the wait was for other work; null where another wait's place is used. */
function siteOfWait(stretch, us) {
  if (us > sitesAgainUs) {
    sitesLeft = Math.max(sitesLeft, SITES_AGAIN);
    sitesAgainUs = us + TURN_MS * 1000;
  }
  if (sitesLeft <= 0 || stretch.sites >= (open.size === 0 ? SITES_A_STRETCH_BEFORE : SITES_A_STRETCH))
    return null;
  sitesLeft--;
  stretch.sites++;
  const limit = Error.stackTraceLimit;
  const site = {};
  Error.stackTraceLimit = SITE_FRAMES;
  Error.captureStackTrace(site, onInit);
  Error.stackTraceLimit = limit;
  return site;
}

/** The id of the stack of a wait, by its own place or by that of another wait that began with it. */
function stackOfWait({ site, stretch }) {
  const held = site || stretch.site;
  if (held === null) return undefined;
  stretch.site = held;
  return stackId(framesOfWait(held));
}

function framesOfWait(site) {
  const frames = sitesOf(site).map(frameOf);
  return frames.filter((frame) => frame !== null && !PLUMBING.test(frame.file));
}

function sitesOf(held) {
  const prepare = Error.prepareStackTrace;
  Error.prepareStackTrace = (_, sites) => sites;
  const sites = held.stack;
  Error.prepareStackTrace = prepare;
  return Array.isArray(sites) ? sites : [];
}

/** What V8 knows of each caller of a function. The program's own way to print stacks is put back. */
function callSites(above) {
  const limit = Error.stackTraceLimit;
  const prepare = Error.prepareStackTrace;
  const held = {};
  Error.stackTraceLimit = FRAMES;
  Error.prepareStackTrace = (_, sites) => sites;
  Error.captureStackTrace(held, above);
  const sites = held.stack;
  Error.stackTraceLimit = limit;
  Error.prepareStackTrace = prepare;
  return Array.isArray(sites) ? sites : [];
}

function frameOf(site) {
  const name = site.getFileName();
  if (!name || name === __filename) return null;
  const frame = { file: fileOf(name), line: site.getLineNumber() || 1 };
  const called = site.getFunctionName() || site.getMethodName();
  if (called) frame.function = called;
  const owner = site.isToplevel() ? null : site.getTypeName();
  if (owner && owner !== 'Object' && owner !== 'Function') frame.self = owner;
  return frame;
}

const fileOf = (url) => (url.startsWith('file://') ? decodeURI(url.slice(7)) : url);

function stackId(all) {
  const ours = /^node:(diagnostics_channel|events)$/;
  const frames = all.filter((frame) => !ours.test(frame.file));
  const first = frames.findIndex((frame) => !frame.file.startsWith('node:'));
  const own = frames
    .filter((frame, at) => at === first - 1 || !frame.file.startsWith('node:'))
    .slice(0, KEPT_FRAMES);
  if (own.length === 0) return undefined;
  const key = own.map((frame) => `${frame.file}:${frame.line}:${frame.function}`).join('\n');
  const known = stackIds.get(key);
  if (known !== undefined) return known;
  const id = stackIds.size + 1;
  stackIds.set(key, id);
  stackFrames.set(id, own);
  write({ kind: 'stack', id, frames: own });
  return id;
}

/** 'file:line' of the nearest frame that is the program's. */
function siteHere() {
  const limitBefore = Error.stackTraceLimit;
  Error.stackTraceLimit = 12;
  const text = String(new Error('').stack);
  Error.stackTraceLimit = limitBefore;
  for (const line of text.split('\n').slice(1)) {
    const found = /(?:\(|at |file:\/\/)(\/[^()]*?):(\d+):\d+\)?$/.exec(line);
    if (found !== null && found[1] !== __filename && !found[1].includes('/undici/lib/'))
      return `${found[1]}:${found[2]}`;
  }
  return undefined;
}
