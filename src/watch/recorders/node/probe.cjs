/**
 * abreast's recorder for Node: what became of every HTTP request of this process, written as a trace.
 *
 *     NODE_OPTIONS=--require=/path/of/probe.cjs ABREAST_TRACE=trace.jsonl node report.js
 *
 * It loads nothing but Node's own modules, records on Node 18 and newer, and does nothing on older ones, which still
 * have to be able to read it: nothing here is newer than Node 8's JavaScript. It never throws into the program.
 *
 * `ABREAST_TRACE` names the file of the first process; `%p` in it becomes the process id. Every other process, and
 * every worker thread, writes beside it: `trace.jsonl` -> `trace.PID.jsonl`. A file that an earlier run left is
 * replaced. `ABREAST_KEEP_URLS=1` keeps credentials in URLs.
 *
 * Joined from the parts in probe/ by `node scripts/node-probe.ts`.
 */
// biome-ignore-all lint/complexity/useOptionalChain: Node 8 has to be able to read this file
// biome-ignore-all lint/correctness/noUnusedVariables: nor does it know `catch` without a variable
// biome-ignore-all lint/style/useNodejsImportProtocol: nor the prefix
'use strict';

const VERSION = '1';
const pattern = process.env.ABREAST_TRACE;
const major = Number(process.versions.node.split('.')[0]);
const records = Boolean(pattern) && major >= 18;
const keepUrls = Boolean(process.env.ABREAST_KEEP_URLS);
const debug = Boolean(process.env.ABREAST_DEBUG);

/** Older versions of Node lack some of them, and a process that is not recorded needs none. */
const load = (name) => (records ? require(name) : {});
const channel = load('diagnostics_channel').channel;
const fs = load('fs');
const http = load('http');
const net = load('net');
const os = load('os');
const path = load('path');
const performance = load('perf_hooks').performance;
const threads = load('worker_threads');
const setTimer = setInterval;

// secret-rules.cjs -------------------------------------------------------------------------------------------------
// Which names and which tokens are credentials. Made of src/trace/secrets/rules.ts by scripts/secret-rules.ts.

const SECRET_ANYWHERE = 'authorization|secret|passw|passphrase|passcode|jwt|bearer|cookie|csrf|xsrf';
const SECRET_AT_THE_END = [
  'token|tokenhint|signature|hmac|credential|credentials|assertion|nonce|pwd|userpw|sessionid|sessid',
  'authhash|authticket|codeverifier|oauthverifier|authcode|accesscode|devicecode|securitycode',
  'verificationcode|apikey|accesskey|privatekey|signingkey|sessionkey|encryptionkey|accountkey|authkey',
  'masterkey|sharedkey|subscriptionkey|functionkey|functionskey|consumerkey|clientkey|appkey|applicationkey',
  'adminkey|serverkey|servicekey|writekey|streamkey|licensekey|developerkey|deploykey|passkey|apikeyid',
  'accesskeyid|privatekeyid|keypairid',
].join('|');
const SECRET_WHOLE = [
  'pass|userpass|dbpass|pw|psk|sig|sid|otp|totp|session|auth|xauth|httpauth|proxyauth|basicauth|bearerauth',
  'oauth|authentication',
].join('|');
const SECRET_WHOLE_IN_URLS =
  'key|code|ticket|googleaccessid|pgtid|pgtiou|samlresponse|samlart|relaystate|wresult';
const SECRET_TOKENS = [
  '(?:ghp_|gho_|ghu_|ghs_|ghr_|github_pat_)\\w{16,}|(?:glpat-)[\\w-]{16,}',
  '(?:xoxa-|xoxb-|xoxe-|xoxo-|xoxp-|xoxr-|xoxs-)[\\w-]{8,}|(?:sk_live_|sk_test_|rk_live_|rk_test_)\\w{8,}',
  '(?:sk-)[\\w-]{16,}|(?:AKIA|ASIA)[A-Z0-9]{12,}|(?:AIza)[\\w-]{30,}|(?:ya29\\.)[\\w.-]{16,}|(?:npm_)\\w{30,}',
  '(?:pypi-)[\\w-]{16,}|(?:hf_)\\w{20,}|(?:dop_v1_)\\w{16,}',
].join('|');

// secret-names.cjs -------------------------------------------------------------------------------------------------
// Which names and values are secrets: the rules of src/trace/secrets, once more, because this file needs nothing but
// itself (and nothing newer than Node 8's patterns); test/trace/secrets/examples.ts holds both to the same answers.

const HIDDEN = '***';
const SECRET_NAME = new RegExp(`${SECRET_ANYWHERE}|(?:${SECRET_AT_THE_END})\\d*$|^(?:${SECRET_WHOLE})\\d*$`);
const SECRET_IN_URLS = new RegExp(`^(?:${SECRET_WHOLE_IN_URLS})$`);
/** The last is a JWT. */
const KNOWN_TOKEN = new RegExp(
  `(^|[^A-Za-z0-9])(?:${SECRET_TOKENS}|eyJ[\\w-]{6,}\\.[\\w-]{6,}\\.[\\w-]*)`,
  'g',
);
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

const wordOf = (name) => name.toLowerCase().replace(/[^a-z0-9]/g, '');
const isSecretName = (name) => SECRET_NAME.test(wordOf(name));
const isSecretParameter = (name) => isSecretName(decoded(name)) || SECRET_IN_URLS.test(wordOf(decoded(name)));
const isSecretVariable = (name) => isSecretName(name) || /_key$/i.test(name);
const hideKnown = (text) => text.replace(KNOWN_TOKEN, `$1${HIDDEN}`);

function looksSecret(value) {
  if (value.length < 16) return false;
  if (hideKnown(value) !== value) return true;
  if (/^[0-9a-f]{32,}$/i.test(value)) return /[0-9]/.test(value) && /[a-f]/i.test(value);
  return (
    value.length >= 24 &&
    /^[\w+/.~-]+=*$/.test(value) &&
    /[a-z]/.test(value) &&
    /[A-Z]/.test(value) &&
    /[0-9].*[0-9]/.test(value) &&
    !UUID.test(value)
  );
}

/** Each %XX as the character of that number. */
function decoded(text) {
  return text.replace(/%([0-9a-f]{2})/gi, (_, hex) => String.fromCharCode(parseInt(hex, 16)));
}

// urls.cjs ---------------------------------------------------------------------------------------------------------
// URLs without their credentials.

function cleanUrl(url) {
  if (keepUrls) return url;
  const plain = cleanLogin(url);
  const query = plain.search(/[?#]/);
  const path = hideKnown(query < 0 ? plain : plain.slice(0, query));
  const cleanPath = path.replace(/[^/]*;[^/]*/g, cleanParameters);
  return query < 0 ? cleanPath : cleanPath + cleanParameters(plain.slice(query));
}

function cleanLogin(url) {
  if (!url.includes('@')) return url;
  return url
    .replace(
      /^([^/\\?#@]*[/\\]{2}[^/\\?#@:[]*:)(?!\d*(?:[/\\?#]|$))[^@/\\?#]*[/\\?#][\s\S]*(?=@)/,
      `$1${HIDDEN}`,
    )
    .replace(
      /^(?!mailto:)(\s*(?:(?:https?|wss?|ftp):[/\\]?)?)([^/\\?#@:]*:[^/\\?#]+)(?=@)/i,
      (_, before, login) => before + cleanUser(login),
    )
    .replace(/([/\\]{2})([^/\\?#]+)(?=@)/g, (_, slashes, login) => slashes + cleanUser(login));
}

/** 'user:password'; with an empty password the user is the credential. */
function cleanUser(login) {
  const colon = login.indexOf(':');
  if (colon < 0) return looksSecret(login) ? HIDDEN : login;
  if (/^(|x-oauth-basic|x-access-token)$/.test(login.slice(colon + 1))) return HIDDEN + login.slice(colon);
  const user = login.slice(0, colon);
  return `${looksSecret(user) ? HIDDEN : user}:${HIDDEN}`;
}

function cleanParameters(text) {
  return text.replace(/([^=?&;#]*)=([^?&;#]+)/g, (whole, name, value) =>
    isSecretParameter(name) || (value.length > 5 && holdsSecret(value)) ? `${name}=${HIDDEN}` : whole,
  );
}

/** By its shape, or because it is a URL, parameters or JSON of its own, however often it is encoded. */
function holdsSecret(value) {
  if (looksSecret(value)) return true;
  if (!/[%="]|\/\//.test(value)) return false;
  let inner = value;
  for (let layer = 0; layer < 5; layer++) {
    if (inner.includes('//') && cleanLogin(inner) !== inner) return true;
    if (inner.split(/[?&;#]/).some(isSecretPair) || hasSecretMember(inner)) return true;
    const outer = inner;
    inner = decoded(outer);
    if (inner === outer) return false;
  }
  return false;
}

/** JSON as '{"token":"x"}'. */
function hasSecretMember(text) {
  const parts = text.split('"');
  return parts.some((name, at) => /^ *:/.test(parts[at + 1] || '') && isSecretName(name));
}

function isSecretPair(pair) {
  const names = pair.split('=');
  const value = names.pop();
  return (
    looksSecret(pair) ||
    looksSecret(value) ||
    (value !== '' && value !== HIDDEN && names.some(isSecretParameter))
  );
}

// texts.cjs --------------------------------------------------------------------------------------------------------
// Texts and arguments without the credentials that can be recognized in them.

/** A text without the credentials that can be recognized in it: URLs, NAME=value, "name": "value". */
function cleanText(text) {
  return hideKnown(text)
    .replace(/[^\s'"<>`]+/g, (word) => {
      if (/[?#]|\/\//.test(word)) return cleanUrl(word);
      return word.includes('&') ? cleanParameters(word) : word;
    })
    .replace(
      /(^|[^\w&?-])(-{0,2}[A-Za-z][\w.-]*)(=|["']\s*[:=]\s*["']|=["'])([^\s'"&]+)/g,
      (whole, before, name, equals, value) =>
        isSecretVariable(name) || looksSecret(value) ? before + name + equals + HIDDEN : whole,
    );
}

function cleanArgument(argument, index, all) {
  const before = index > 0 ? all[index - 1] : '';
  if (/^(-H|--header|-b|--cookie)$/.test(before)) return HIDDEN;
  if (/^(-u|--user)$/.test(before) && (argument.includes(':') || looksSecret(argument))) return HIDDEN;
  if (/^--?[\w-]+$/.test(before) && isSecretName(before) && !/^-/.test(argument)) return HIDDEN;
  return cleanText(argument);
}

// clock.cjs --------------------------------------------------------------------------------------------------------
// The time of the trace: microseconds since this process began to record.

/** performance.now, as it was before the program could replace it. */
let monotonic = null;
let zeroMs = 0;
let startedUs = 0;
/** Pairs of trace time and Unix time, so that the traces of two recorders can be laid side by side. */
const clocks = [];

function startClock() {
  monotonic = performance.now.bind(performance);
  startedUs = wallUs();
  zeroMs = monotonic();
  clocks.push([0, startedUs]);
}

const now = () => Math.round((monotonic() - zeroMs) * 1000);

/** Date.now() has milliseconds only; it is asked where the clock was set meanwhile. */
function wallUs() {
  const exactMs = performance.timeOrigin + monotonic();
  const roughMs = Date.now();
  return Math.round((Math.abs(exactMs - roughMs) < 3 ? exactMs : roughMs) * 1000);
}

// trace-file.cjs ---------------------------------------------------------------------------------------------------
// The file of the trace, which is begun with the first lines that are written.

const pid = process.pid;
const thread = kernelThread();
const lost = { dropped: 0, notUnderstood: 0 };
let file = null;
let lines = [];

function kernelThread() {
  try {
    return Number(path.basename(fs.readlinkSync('/proc/thread-self')));
  } catch (error) {
    return pid;
  }
}

function write(record) {
  lines.push(JSON.stringify(record));
  if (lines.length >= 1000) flush();
}

function flush() {
  if (lines.length === 0) return;
  const text = `${lines.join('\n')}\n`;
  const count = lines.length;
  lines = [];
  try {
    if (file === null) begin();
    fs.writeSync(file, text);
  } catch (error) {
    lost.dropped += count;
  }
}

function begin() {
  const { O_WRONLY, O_CREAT, O_APPEND, O_TRUNC } = fs.constants;
  file = fs.openSync(chooseFile(), O_WRONLY | O_CREAT | O_APPEND | O_TRUNC, 0o600);
  fs.writeSync(file, `${JSON.stringify(runRecord())}\n${JSON.stringify(beginRecord())}\n`);
}

function runRecord() {
  return {
    kind: 'run',
    version: 2,
    startedUs,
    command: process.argv.map(cleanArgument),
    recorders: [{ name: 'node', version: VERSION, sees: SEES }],
    host: { os: process.platform, kernel: os.release(), cpus: os.cpus().length },
  };
}

/** The file named, unless a process that lives, or another one of this command, has written it. */
function chooseFile() {
  const own = `${pid}${threads.isMainThread ? '' : `.${threads.threadId}`}`;
  if (pattern.includes('%p')) return pattern.replace('%p', own);
  const extension = path.extname(pattern);
  const beside = `${pattern.slice(0, pattern.length - extension.length)}.${own}${extension}`;
  if (!threads.isMainThread) return beside;
  try {
    fs.closeSync(fs.openSync(pattern, 'wx', 0o600));
    return pattern;
  } catch (error) {
    return inUse() ? beside : pattern;
  }
}

function inUse() {
  try {
    const old = JSON.parse(fs.readFileSync(pattern, 'utf8').split('\n', 2)[1]);
    if (old.pid === undefined || old.group === processGroup()) return true;
    process.kill(old.pid, 0);
    return true;
  } catch (error) {
    return error.code !== 'ESRCH';
  }
}

// process.cjs ------------------------------------------------------------------------------------------------------
// What is said of this process as it begins and as it ends.

function beginRecord() {
  return {
    kind: 'process',
    pid,
    parent: process.ppid,
    group: processGroup(),
    startedUs: 0,
    argv: process.argv.map(cleanArgument),
  };
}

function endRecord(endedUs, exitCode) {
  const { user, system } = process.cpuUsage();
  const cpuUs = user + system;
  const scheduled = scheduledOf(endingThreads());
  const runQueueUs = scheduled === undefined ? undefined : scheduled.queuedUs;
  return { kind: 'process', pid, parent: process.ppid, startedUs: 0, endedUs, exitCode, cpuUs, runQueueUs };
}

/** Of the main thread, all threads that live; a worker thread ends before and speaks for itself alone. */
function endingThreads() {
  try {
    return threads.isMainThread ? fs.readdirSync('/proc/self/task') : [thread];
  } catch (error) {
    return [];
  }
}

/** How long threads ran, and were ready to run and waited for a CPU; undefined where the kernel does not count that. */
function scheduledOf(ids) {
  try {
    const counted = ids.map((id) =>
      fs.readFileSync(`/proc/self/task/${id}/schedstat`, 'latin1').split(' ').map(Number),
    );
    const sumUs = (column) => Math.round(counted.reduce((sum, ns) => sum + ns[column], 0) / 1000);
    return ids.length === 0 ? undefined : { ranUs: sumUs(0), queuedUs: sumUs(1) };
  } catch (error) {
    return undefined;
  }
}

function processGroup() {
  try {
    const status = fs.readFileSync('/proc/self/stat', 'latin1');
    return Number(status.slice(status.lastIndexOf(')') + 2).split(' ')[2]);
  } catch (error) {
    return undefined;
  }
}

// guard.cjs --------------------------------------------------------------------------------------------------------
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

// stacks.cjs -------------------------------------------------------------------------------------------------------
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

// connections.cjs --------------------------------------------------------------------------------------------------
// Connections, by their sockets' events.

const connections = new WeakMap();
let connectionCount = 0;

/** What is known of a socket: its times are kept from connect() on, where that was seen. */
function connectionOf(socket) {
  const known = connections.get(socket);
  if (known !== undefined) return known;
  const connection = newConnection(socket.connecting ? null : now());
  connections.set(socket, connection);
  if (!socket.connecting) connected(connection, socket, connection.connectedUs);
  connection.secures = socket.encrypted && (socket.connecting || socket.secureConnecting);
  if (connection.secures) connection.readyUs = null;
  return connection;
}

const SOCKET_EVENTS = {
  lookup(connection) {
    if (typeof connection.dnsFromUs === 'number' && connection.dnsToUs === null) connection.dnsToUs = now();
  },
  connect(connection, socket) {
    if (connection.connectedUs === null) connected(connection, socket, now());
  },
  secureConnect(connection, socket) {
    if (connection.secures && connection.tlsDoneUs === null) secured(connection, socket);
  },
  close(connection, socket) {
    if (connection.closed) return;
    connection.closed = true;
    if (connection.raw !== null) rawClosed(connection.raw, socket);
    if (connection.written) write({ kind: 'connectionClosed', id: connection.id, atUs: now() });
  },
};

const onSocketEvent = guarded('socket', (socket, name) => {
  const connection = connections.get(socket);
  if (connection !== undefined) SOCKET_EVENTS[name](connection, socket);
});

function newConnection(connectedUs) {
  return {
    id: ++connectionCount,
    written: false,
    count: 0,
    lastReadUs: null,
    connectingUs: undefined,
    dnsFromUs: undefined,
    dnsToUs: undefined,
    connectedUs,
    tlsStartUs: null,
    tlsDoneUs: null,
    tlsVersion: undefined,
    readyUs: connectedUs,
    /** Whether it is, or will be, in TLS that it begins itself. */
    secures: false,
    closed: false,
    /** Of a socket into which the program writes HTTP itself: what is read, and by which exchanges. */
    raw: null,
    protocol: undefined,
    local: undefined,
    remote: undefined,
  };
}

function connected(connection, socket, at) {
  connection.connectedUs = at;
  if (socket.encrypted) connection.tlsStartUs = at;
  else connection.readyUs = at;
  // Asks the kernel, which is how a recorder outside learns it too.
  connection.local = endpoint(socket.localAddress, socket.localPort);
  connection.remote = endpoint(socket.remoteAddress, socket.remotePort) || connection.remote;
}

function secured(connection, socket) {
  connection.tlsDoneUs = connection.readyUs = now();
  connection.tlsVersion = (socket.getProtocol() || '').replace('TLSv', '') || null;
  if (socket.alpnProtocol === 'h2') connection.protocol = 'h2';
}

function endpoint(address, port) {
  if (address === undefined || port === undefined) return undefined;
  const plain = address.startsWith('::ffff:') ? address.slice(7) : address;
  return plain.includes(':') ? `[${plain}]:${port}` : `${plain}:${port}`;
}

function writeConnection(connection, socket, origin) {
  if (connection.written) return;
  connection.written = true;
  write({
    kind: 'connection',
    id: connection.id,
    pid,
    thread,
    origin,
    local: connection.local,
    remote: connection.remote,
    dnsFromUs: connection.dnsFromUs,
    dnsToUs: connection.dnsToUs,
    connectingUs: connection.connectingUs,
    connectedUs: connection.connectedUs,
    tlsStartUs: connection.tlsStartUs,
    tlsDoneUs: connection.tlsDoneUs,
    tlsVersion: connection.tlsVersion,
    protocol: connection.protocol || 'http/1.1',
    socketClass: socket && socket.constructor ? socket.constructor.name : undefined,
  });
}

/** net.Socket.prototype.connect is the one way to a connection, in every version. */
function installConnections() {
  const connect = net.Socket.prototype.connect;
  replace(net.Socket.prototype, 'connect', function (...args) {
    const result = connect.apply(this, args);
    connecting(this, args);
    return result;
  });
  overhear(net.Socket.prototype, (socket, args) => {
    if (Object.hasOwn(SOCKET_EVENTS, args[0])) onSocketEvent(socket, args[0]);
  });
}

const connecting = guarded('connect', (socket, args) => {
  if (!socket.connecting) return;
  const connection = connectionOf(socket);
  connection.connectingUs = now();
  const options = Array.isArray(args[0]) ? args[0][0] : args[0];
  const file = options && typeof options === 'object' ? options.path : options;
  if (typeof file === 'string' && !(Number(file) >= 0)) {
    connection.remote = `unix:${file}`;
    return;
  }
  const host = options && typeof options === 'object' ? options.host : undefined;
  connection.dnsFromUs = connection.dnsToUs = null;
  if (host !== undefined && !net.isIP(host)) connection.dnsFromUs = connection.connectingUs;
});

// exchanges.cjs ----------------------------------------------------------------------------------------------------
// Exchanges, from the call to the record.

const SEES = [
  'exchange',
  'wantedUs',
  'calledUs',
  'dispatchedUs',
  'connectedUs',
  'sentUs',
  'answeredUs',
  'readUs',
  'connection',
  'stack',
  'unit',
  'block',
  'resource',
  'from',
  'environment',
];
/** Those that have not ended. */
const open = new Set();
let exchangeCount = 0;
let finishedCount = 0;
/** Written with the next turn: until then it may turn out what they were part of. */
let ended = [];

/** `hasCredentials` says, when it is asked, whether the request carries some. */
function call(method, origin, url, hasCredentials) {
  watchLoop();
  const at = now();
  const exchange = {
    id: ++exchangeCount,
    request: exchangeCount,
    attempt: 1,
    because: undefined,
    method,
    origin,
    url: cleanUrl(url),
    /** As it is: stays in memory. */
    target: url,
    stack: stackHere(),
    calledUs: at,
    dispatchedUs: null,
    connectedUs: null,
    sentUs: null,
    answeredUs: null,
    readUs: null,
    endedAtUs: null,
    /** When the last byte of the answer had come, whether or not the program reads it. */
    wholeUs: null,
    /** When the program, which had this answer, called the next exchange. */
    nextCallUs: null,
    retryAfterSeconds: undefined,
    /** Of node:http: whose connections it may have, and the answer as the program has it. */
    agent: undefined,
    /** What is looked into for parts of later URLs, and what was found of this one. */
    scan: null,
    coded: null,
    shape: null,
    holders: [],
    wasAllSeen: false,
    answer: null,
    connection: null,
    ordinal: null,
    socket: null,
    status: null,
    estimated: undefined,
    served: servedHere(),
    /** The first of its request. */
    first: null,
    /** The promise whose continuation called it. */
    caller: null,
    waits: null,
    /** What its work has behind it. */
    before: null,
    /** The one before it in the same work, where no other goes on with that; and the unit of that work. */
    goesOnFrom: null,
    isFollowed: false,
    unit: undefined,
    /** What those have behind them that have waited for it. */
    past: null,
    /** The exchange whose answer the caller had waited for. */
    after: null,
    stretch: null,
    fulfills: [],
  };
  unitOf(exchange);
  const { after } = exchange;
  if (after !== null && after.answeredUs !== null && after.nextCallUs === null) after.nextCallUs = at;
  exchange.first = exchange;
  relate(exchange, hasCredentials);
  exchange.after = null;
  guarded('url', lookIntoUrl)(exchange);
  open.add(exchange);
  return exchange;
}

/** It has its connection, which may still be opening. */
function assign(exchange, socket) {
  const connection = connectionOf(socket);
  exchange.socket = socket;
  exchange.connection = connection;
  exchange.ordinal = connection.count++;
}

function finish(exchange, failure) {
  if (!open.delete(exchange)) return;
  finishedCount++;
  noteFinished(exchange);
  guarded('body', endLooking)(exchange);
  const connection = exchange.connection;
  const at = now();
  exchange.endedAtUs = at;
  if (failure === undefined) exchange.readUs = readAt(exchange, at);
  else if (exchange.answeredUs === null) expect(exchange.target, exchange, 'retry');
  if (connection !== null) {
    connection.lastReadUs = at;
    writeConnection(connection, exchange.socket, exchange.origin);
  }
  ended.push([exchange, failure === undefined ? undefined : { failedUs: at, error: failure }]);
  if (ended.length >= 1000) writeEnded();
}

/** The last byte, or the end of the program's interest in it. */
function readAt({ answeredUs, wholeUs, nextCallUs }, at) {
  const from = answeredUs === null ? 0 : answeredUs;
  return Math.max(from, Math.min(at, wholeUs === null ? at : wholeUs, nextCallUs === null ? at : nextCallUs));
}

function writeEnded() {
  const all = ended;
  ended = [];
  for (const [exchange, failure] of all) writeExchange(exchange, failure);
}

function writeExchange(exchange, failure) {
  const connection = exchange.connection;
  if (connection !== null && exchange.connectedUs === null && connection.readyUs !== null)
    exchange.connectedUs = Math.max(connection.readyUs, exchange.dispatchedUs);
  exchange.waits = waitsBefore(exchange);
  const madeUs = handedOverUs(exchange);
  exchange.unit = tellUnit(exchange, madeUs);
  const record = {
    kind: 'exchange',
    id: exchange.id,
    request: exchange.request,
    attempt: exchange.because === undefined ? undefined : exchange.attempt,
    because: exchange.because,
    pid,
    thread,
    unit: exchange.unit,
    connection: connection === null ? null : connection.id,
    ordinal: exchange.ordinal,
    method: exchange.method,
    origin: exchange.origin,
    url: exchange.url,
    wantedUs: madeUs === null ? exchange.calledUs : madeUs,
    calledUs: exchange.calledUs,
    dispatchedUs: exchange.dispatchedUs,
    connectedUs: exchange.connectedUs,
    sentUs: exchange.sentUs,
    answeredUs: exchange.answeredUs,
    readUs: exchange.readUs,
    status: exchange.status,
    retryAfterSeconds: exchange.retryAfterSeconds,
    from: cameFrom(exchange),
    stack: exchange.stack,
    estimated: exchange.estimated,
  };
  write(Object.assign(record, failure));
  forget(exchange);
}

/** Promises keep it, and it would keep the promises before it, and so on: all of the program's past. */
function forget(exchange) {
  exchange.scan =
    exchange.coded =
    exchange.shape =
    exchange.waits =
    exchange.before =
    exchange.goesOnFrom =
    exchange.caller =
    exchange.answer =
    exchange.socket =
    exchange.served =
      null;
  exchange.fulfills = [];
}

/** Of those that are under way as the process ends. */
function writeOpen() {
  for (const exchange of open) {
    if (exchange.connection !== null) {
      if (exchange.sentUs === null) sentOnReady(exchange);
      writeConnection(exchange.connection, exchange.socket, exchange.origin);
    }
    exchange.readUs = readWithoutReader(exchange);
    writeExchange(exchange);
  }
}

function originOf(protocol, host) {
  const secure = protocol === 'https:';
  return `${secure ? 'https' : 'http'}://${String(host).replace(secure ? /:443$/ : /:80$/, '')}`;
}

// requests.cjs -----------------------------------------------------------------------------------------------------
// Which request an exchange belongs to: it may repeat one that failed, follow a redirect, or answer a challenge.

const MOST_EXPECTED = 1000;
const MOST_URLS = 10000;
const AGAIN = new Set([408, 425, 429, 500, 502, 503, 504]);
const ELSEWHERE = new Set([301, 302, 303, 307, 308]);
/** By its URL, what may follow from an exchange that came to nothing. */
const expected = new Map();
const urlsCalled = new Set();
/** Those that were called several times for their own sake: whether another call is a retry, its URL does not tell. */
const urlsRepeated = new Set();

/** Says of which request a new exchange is. Its URL is whole: it stays in memory. */
function relate(exchange, hasCredentials) {
  const before = expected.get(exchange.target);
  if (before === undefined || !follows(exchange, before, hasCredentials)) {
    remember(exchange);
    return;
  }
  expected.delete(exchange.target);
  exchange.first = before.exchange.first;
  exchange.request = before.exchange.request;
  exchange.attempt = before.exchange.attempt + 1;
  exchange.because = before.because;
}

function follows(exchange, { exchange: before, because, method }, hasCredentials) {
  if (because === 'redirect') return true;
  if (exchange.method !== method) return false;
  if (because === 'challenge') return hasCredentials();
  return exchange.after === before || !urlsRepeated.has(exchange.target);
}

function remember({ target }) {
  if (urlsCalled.size >= MOST_URLS) return;
  if (urlsCalled.has(target)) urlsRepeated.add(target);
  else urlsCalled.add(target);
}

function expect(url, exchange, because) {
  expected.delete(url);
  if (expected.size >= MOST_EXPECTED) expected.delete(expected.keys().next().value);
  expected.set(url, { exchange, because, method: exchange.method });
}

/** The head of an answer: `header` gives the value of one by its name, in small letters. */
function answerHead(exchange, status, header) {
  exchange.status = status;
  lookIntoHead(exchange, header);
  if (status === 429 || status === 503) exchange.retryAfterSeconds = secondsOf(header('retry-after'));
  if (status === 401) expect(exchange.target, exchange, 'challenge');
  else if (AGAIN.has(status)) expect(exchange.target, exchange, 'retry');
  else if (ELSEWHERE.has(status)) {
    const to = header('location');
    if (to !== undefined) expect(targetOf(to, exchange.target), exchange, 'redirect');
  }
}

/** RFC 9110 §10.2.3: seconds, or a date. */
function secondsOf(value) {
  if (value === undefined) return undefined;
  const text = String(value).trim();
  const seconds = /^\d+$/.test(text) ? Number(text) : (Date.parse(text) - Date.now()) / 1000;
  return Number.isFinite(seconds) ? Math.max(0, seconds) : undefined;
}

function targetOf(location, base) {
  const { protocol, host, pathname, search } = new URL(String(location), base);
  return originOf(protocol, host) + pathname + search;
}

// tokens.cjs -------------------------------------------------------------------------------------------------------
// Which answers held a part of a later URL: both are cut into tokens and compared. Only hashes of tokens are kept, with
// a key of this process, and none is written.

const SCANNED_BYTES = 256 * 1024;
const MOST_TOKENS = 100000;
const LONGEST_TOKEN = 256;
const SEED = (Math.random() * 2 ** 32) | 0;
/** By a token's hash, the first exchange whose answer held it. */
const tokensOfAnswers = new Map();
/** Those of all URLs so far: an answer that repeats one is not where it came from. */
const tokensOfUrls = new Set();
/** Answers that could not be searched, or not to their end. */
let unseenAnswers = 0;
/** The time that looking took: never more than a small part of the program's. */
let scanningUs = 0;
const SCANNING_FREE_US = 200000;
const SCANNING_PART = 0.02;

const isDelimiter = new Uint8Array(256);
for (const character of ' \t\r\n"\'<>,;(){}[]\\/?&=#:|`') isDelimiter[character.charCodeAt(0)] = 1;

function newScan(exchange) {
  return { exchange, left: SCANNED_BYTES, one: SEED, two: ~SEED, length: 0, digits: 0, before: 0 };
}

/** Each token of some bytes, to `found`; a token may go on in the next ones. */
function scan(state, bytes, found) {
  const size = Math.min(bytes.length, state.left);
  state.left -= size;
  let { one, two, length, digits } = state;
  for (let at = 0; at < size; at++) {
    const byte = bytes[at];
    if (isDelimiter[byte] === 0) {
      one = Math.imul(one ^ byte, 16777619);
      two = Math.imul(two ^ byte, 1540483477) ^ (two >>> 15);
      length++;
      if (byte >= 48 && byte <= 57) digits++;
    } else if (length > 0) {
      state.before = endToken(state, one, two, length, digits, found);
      one = SEED;
      two = ~SEED;
      length = digits = 0;
    }
  }
  Object.assign(state, { one, two, length, digits });
}

function endToken(state, one, two, length, digits, found) {
  const key = (one >>> 0) * 2097152 + ((two >>> 0) % 2097152);
  const isShort = length < 3 || (digits === length && length < 4);
  if (length <= LONGEST_TOKEN && (!isShort || NAMES.has(state.before))) found(key, state);
  return key;
}

function endScan(state, found) {
  if (state.length > 0) endToken(state, state.one, state.two, state.length, state.digits, found);
  state.length = 0;
}

function keyOf(text) {
  let key = 0;
  const state = newScan(null);
  scan(state, Buffer.from(text), () => {});
  if (state.length > 0) key = endToken(state, state.one, state.two, state.length, state.digits, () => {});
  return key;
}

/** Small numbers are everywhere: they count only after one of these names. */
const NAMES = new Set();
for (const name of 'id ids page next nextPage next_page cursor offset start after skip from since number href'.split(
  ' ',
))
  NAMES.add(keyOf(name));

const foundInAnswer = (key, { exchange }) => {
  if (tokensOfAnswers.size >= MOST_TOKENS || tokensOfUrls.has(key) || tokensOfAnswers.has(key)) return;
  tokensOfAnswers.set(key, exchange.id);
};

/** The head of an answer: what its links hold, and whether its body is one to look into. */
function lookIntoHead(exchange, header) {
  for (const name of ['location', 'link']) {
    const value = header(name);
    if (value !== undefined) scanAll(newScan(exchange), Buffer.from(String(value)));
  }
  if (!/json|text|xml|html|javascript|csv|urlencoded/i.test(String(header('content-type') || 'text'))) return;
  const coding = String(header('content-encoding') || 'identity').toLowerCase();
  exchange.scan = newScan(exchange);
  exchange.coded = DECODERS[coding] === undefined ? null : { decode: DECODERS[coding], chunks: [], size: 0 };
}

function scanAll(state, bytes) {
  scan(state, bytes, foundInAnswer);
  endScan(state, foundInAnswer);
}

const DECODERS = {
  gzip: 'gunzipSync',
  'x-gzip': 'gunzipSync',
  deflate: 'inflateSync',
  br: 'brotliDecompressSync',
};

function lookIntoBody(exchange, chunk) {
  const { scan: state, coded } = exchange;
  if (state === null || state.left === 0 || typeof chunk === 'string') return;
  const from = now();
  if (scanningUs > SCANNING_FREE_US + SCANNING_PART * from) {
    exchange.scan = null;
    unseenAnswers++;
  } else if (coded === null) scan(state, chunk, foundInAnswer);
  else if (coded.size < SCANNED_BYTES) {
    coded.chunks.push(chunk);
    coded.size += chunk.length;
  }
  scanningUs += now() - from;
}

function endLooking(exchange) {
  const { scan: state, coded } = exchange;
  if (state === null) return;
  exchange.scan = exchange.coded = null;
  const from = now();
  if (coded === null) endScan(state, foundInAnswer);
  else if (coded.size > 0) {
    const decoded = decodedBody(coded);
    if (decoded === null) unseenAnswers++;
    else scanAll(state, decoded);
  }
  if (state.left === 0 || tokensOfAnswers.size >= MOST_TOKENS) unseenAnswers++;
  scanningUs += now() - from;
}

function decodedBody({ decode, chunks }) {
  const zlib = require('zlib');
  const isBrotli = decode.startsWith('brotli');
  const finishFlush = isBrotli ? zlib.constants.BROTLI_OPERATION_FLUSH : zlib.constants.Z_SYNC_FLUSH;
  try {
    return zlib[decode](Buffer.concat(chunks), { finishFlush, maxOutputLength: 4 * SCANNED_BYTES });
  } catch (error) {
    return null;
  }
}

const MOST_SHAPES = 1000;
const MOST_PARTS = 30;
const MOST_SOURCES = 10;
/** By the names of its parts, the values that URLs have had: where these differ is what the program puts in. */
const shapes = new Map();

/** Called with an exchange: which answers held parts of its URL. */
function lookIntoUrl(exchange) {
  const parts = partsOf(exchange.target);
  const name = [exchange.origin, ...parts.map(([place]) => place)].join(' ');
  let shape = shapes.get(name);
  if (shape === undefined) {
    shape = { urls: 0, values: new Map(), varied: new Set() };
    if (shapes.size < MOST_SHAPES) shapes.set(name, shape);
  }
  shape.urls++;
  exchange.shape = shape;
  exchange.wasAllSeen = unseenAnswers === 0;
  for (const [place, key] of parts) {
    if (!shape.values.has(place)) shape.values.set(place, key);
    else if (shape.values.get(place) !== key) shape.varied.add(place);
    const holder = tokensOfAnswers.get(key);
    if (holder !== undefined && holder !== exchange.id) exchange.holders.push([place, holder]);
    tokensOfUrls.add(key);
  }
}

/** The places of a URL's parts, and the hash of the longest token of each. */
function partsOf(target) {
  const { pathname, searchParams } = new URL(target);
  const parts = [];
  pathname.split('/').forEach((segment, at) => {
    if (segment !== '') parts.push([at, keyOf(longestToken(decoded(segment)))]);
  });
  for (const [name, value] of searchParams) if (value !== '') parts.push([name, keyOf(longestToken(value))]);
  return parts.slice(0, MOST_PARTS);
}

const longestToken = (text) =>
  text
    .split(/[\s"'<>,;(){}[\]\\/?&=#:|`]+/)
    .reduce((long, one) => (one.length > long.length ? one : long), '');

/** The exchanges whose answers held what is this URL's own; undefined where that is not known. */
function cameFrom({ shape, holders, method, wasAllSeen }) {
  if (shape === null) return undefined;
  const own = holders.filter(([place]) => shape.urls === 1 || shape.varied.has(place));
  if (own.length > 0) return [...new Set(own.map(([, holder]) => holder))].slice(0, MOST_SOURCES);
  return wasAllSeen && (method === 'GET' || method === 'HEAD') ? [] : undefined;
}

// ends.cjs ---------------------------------------------------------------------------------------------------------
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

// promises.cjs -----------------------------------------------------------------------------------------------------
// What was handed over to run concurrently, as far as promises show.

/**
 * Promises are made, waited for, and settled. Work that waits for a promise which other work settles has waited for
 * what the other work had: a permit, a lock, its turn. Work that waits for what it has begun itself, for a timer or for
 * another event has waited for no other work. A promise that was made together with others, and is fulfilled after an
 * exchange that other work has called, is a piece of work in a queue.
 */
const DEEPEST = 50;
/** Shorter waits are the loop's own. */
const WAITED_US = 1000;
/** Of a promise that an exchange fulfills, the first few are kept: the earliest says when the work was handed over. */
const MOST_FULFILLED = 4;
/** Of the exchanges since some work was handed over together, so many come of it: the rest may be of other work. */
const NEARLY_ALL = 0.8;
/** A synchronous stretch: from one continuation, or event, to the next. */
let stretch = null;
/** What is known of the promise whose continuation runs; null in the main program and in events. */
let current = null;
let lastCalled = null;
/** The exchange that ended last, and the event in which it did. */
let lastFinished = null;
/** The exchange that was answered last in an event, and that event. */
let lastAnswered = null;
let eventId = null;
let sequence = 0;

let notes = null;

/**
 * Keeps something with a promise where no program can see it. A private field takes a third of what a property that
 * is not enumerable does, and a sixth of a WeakMap. Node 8 can't parse it, so it is in a string.
 */
function notesOnPromises() {
  const Note = require('vm').runInThisContext(`(class extends (function (object) { return object; }) {
    #info;
    constructor(promise, info) { super(promise); this.#info = info; }
    static of(promise) { return #info in promise ? promise.#info : undefined; }
  })`);
  return { put: (promise, info) => new Note(promise, info), of: Note.of };
}

/** What is known of a promise. Programs make dozens for each request: nothing is made here that may not be needed. */
function Info(parent) {
  const from = parent === undefined ? undefined : notes.of(parent);
  this.us = now();
  this.sequence = ++sequence;
  this.calls = from === undefined ? exchangeCount : from.calls;
  this.stretch = stretchHere();
  // It waits for what was begun before an exchange was called, and so for that exchange.
  this.waitsFor = from === undefined ? null : waitedBy(from);
  // The promise in whose continuation it was made; a chain that is too long is not followed back. The promise that
  // links one to what it was resolved with is made in no continuation: it has the line of its parent.
  const isLink = (current === null || current.raw) && from !== undefined;
  const answered = current === null ? answeredHere() : null;
  const line = isLink ? from.line : answered === null ? current : answered.caller;
  const follows = line !== null && line.depth < DEEPEST;
  this.line = follows ? line : null;
  this.depth = follows ? line.depth + 1 : 0;
  /** Whether its line goes on further back than is known. */
  this.isCut = line !== null && !follows;
  this.raw = parent === undefined;
  // An async function that returns a promise is linked to it a moment later, when others wait already for what it returns;
  // and what is done with an answer was begun with the call.
  this.isOfReturned = current !== null && isLink;
  const begun = this.isOfReturned ? from : answered;
  this.since = begun === null ? this.sequence : begun.since;
  /** How many wait for it; and behind how many it waits in a row that others wait for as well (see isInLine). */
  this.waiters = 0;
  this.waitingRow = null;
  this.place = 0;
  /** Those who wait for the same promise as it does, once its continuation runs; and whether it may have made that. */
  this.row = null;
  this.isFirst = from !== undefined && ++from.waiters === 1;
  /** The continuation that it was made in, the row that had waited in, and whether that may have made what they waited for. */
  this.madeIn = line === null ? 0 : line.sequence;
  this.peers = line === null ? null : line.row;
  this.isOfMaker = line !== null && line.isFirst;
  this.isTurn = from !== undefined && isMadeByPeer(from, this);
  if (this.isTurn) foundLock(this.peers);
  /** What came before in the work that waits, whatever that waits for. */
  const past = answered === null ? (line === null ? null : line.past) : answered.past;
  this.before = past;
  /** What it waits for, until its continuation runs; null where that is settled. */
  this.from = from === undefined || from.settler !== null ? null : from;
  /** Of what settled it, the first that was made since: 0 if it was an event or is not known, null until it is settled. */
  this.settler = null;
  /** What came before: the last exchange of the same work, and the waits since then. And the same of what settled it. */
  this.past = this.waitsFor === null ? past : this.waitsFor.past;
  this.settlerPast = null;
  this.used = false;
  this.site = this.raw ? null : siteOfWait(this.stretch, this.us);
}

/** In the event that tells of an answer, the work goes on that asked for it. */
function answeredHere() {
  return lastAnswered !== null && lastAnswered.event === eventId() ? lastAnswered.exchange : null;
}

/** Events follow one another unseen, unless a continuation runs between them. */
function stretchHere() {
  const event = current === null ? eventId() : 0;
  if (stretch === null || stretch.event !== event) stretch = newStretch(event);
  return stretch;
}

const newStretch = (event) => ({
  event,
  called: 0,
  fulfilled: 0,
  finishedBefore: finishedCount,
  sites: 0,
  site: null,
});

function onInit(promise, parent) {
  notes.put(promise, new Info(parent));
}

function waitedBy(info) {
  if (
    info.waitsFor === null &&
    lastCalled !== null &&
    lastCalled.stretch === stretch &&
    lastCalled.id > info.calls
  ) {
    info.waitsFor = lastCalled;
  }
  return info.waitsFor;
}

function onBefore(promise) {
  stretch = null;
  current = notes.of(promise) || null;
  if (current !== null && current.from !== null) waited(current);
}

function onAfter() {
  stretch = null;
  current = null;
}

/** Its continuation begins: what it has waited for, and what those waited for that it has called itself. */
function waited(info) {
  const { from, before } = info;
  info.from = info.before = null;
  info.place = from.waiters > 1 ? from.place + 1 : from.place;
  const isByMaker = isMaker(from, info);
  if (from.waiters > 1 && !isByMaker) info.row = rowOf(from, info);
  info.isFirst = info.isFirst && from.madeIn === info.madeIn;
  if (info.isTurn) {
    info.past = withWait(before, waitOf(info));
    return;
  }
  if (from.settler !== null && from.settler !== 0) waitedForWork(from, info, isByMaker);
  if (info.row === null) return;
  const { last, waits } = resolved(info.past);
  info.past = { last, waits, row: info.row, instead: insteadOf(before, info) };
}

function waitedForWork(from, info, isByMaker) {
  const own = isOwn(from, info);
  if (own) info.place = Math.max(info.place, turnOf(from, info));
  if (!own || (isInLine(info) && !isByMaker)) info.past = withWait(info.past, waitOf(info));
  else if (from.settlerPast !== null) info.past = from.settlerPast;
}

/** Whether the work that waits has made what it waits for, and that was settled by what was called in its making. */
function isOwn(from, info) {
  if (from.settler > info.sequence) return false;
  if (info.isOfReturned) return true;
  for (let at = info; at !== null; at = at.line)
    if (at.stretch === from.stretch || (at.line !== null && at.line === from.line)) return true;
  return false;
}

/**
 * Work that was begun together hands a promise of its own making on, each to the next, as in `await before`: the place of
 * one is behind that of the work whose exchange ended before it. All of it was made in one stretch, and so seems its own.
 */
function turnOf({ raw, settlerPast }, { stretch: together }) {
  const last = raw && settlerPast !== null ? settlerPast.last : null;
  const caller = last === null ? null : last.caller;
  return caller !== null && caller.stretch === together ? caller.place + 1 : 0;
}

/**
 * Whether work waits in a line of promises for its turn, as in `last = last.then(job)`: others wait for each of those
 * before it, too, as `Promise.all` does. In a chain of steps only the next step waits, and a first result may be used twice.
 */
function isInLine({ place }) {
  return place > 1;
}

function onSettled(promise) {
  const info = notes.of(promise);
  if (info === undefined) return;
  settled(info);
  if (info.raw && !info.used) fulfilled(info);
}

function settled(info) {
  if (current !== null) {
    info.settler = firstSince(info, current);
    info.settlerPast = current.past;
    return;
  }
  const isSameEvent = lastFinished !== null && lastFinished.event === eventId();
  const ended = isSameEvent ? lastFinished.exchange : answeredHere();
  const first = ended === null ? null : ended.first;
  const isOther = first !== null && first.caller !== null && first.stretch !== info.stretch;
  info.settler = isOther ? firstSince(info, first.caller) : 0;
  if (isOther) info.settlerPast = ended.past;
}

/**
 * The first on the line back from one that was made since another was, or is that; Infinity if none, and 0 where the
 * line is not known so far back: an SDK awaits dozens of promises for each request.
 */
function firstSince(info, from) {
  let first = Infinity;
  for (let at = from; at !== null && at.sequence >= info.sequence; at = at.line) {
    if (at.isCut) return 0;
    first = at.since < info.sequence ? Infinity : at.since;
  }
  return first;
}

/** A promise older than an exchange is fulfilled as the exchange is made, or by what follows from it. */
function fulfilled(info) {
  let exchange = null;
  if (lastCalled !== null && lastCalled.stretch === stretchHere()) exchange = lastCalled;
  else if (current !== null) exchange = current.waitsFor;
  if (exchange === null || info.calls >= exchange.id || exchange.stretch === info.stretch) return;
  if (hasCalled(info, exchange)) return;
  info.used = true;
  info.stretch.fulfilled++;
  if (exchange.fulfills.length < MOST_FULFILLED) exchange.fulfills.push(info);
}

/** Whether an exchange was called by what the making of a promise has begun, the asynchronous function itself; or may have been. */
function hasCalled(info, { caller }) {
  for (let at = caller; at !== null && at.sequence > info.sequence; at = at.line)
    if (at.isCut || at.stretch === info.stretch) return true;
  return false;
}

/** Called with an exchange: what its piece of work has waited for since it was made, or since its last exchange. */
function unitOf(exchange) {
  exchange.stretch = stretchHere();
  exchange.stretch.called++;
  exchange.caller = current;
  exchange.since = sequence;
  lastCalled = exchange;
  exchange.past = newPast(exchange, null);
  if (current === null || current.past === null) return;
  exchange.before = pastBefore(exchange, current.past);
  exchange.after = resolved(exchange.before).last;
  goOn(exchange, exchange.after);
}

/** Waits that have led to an exchange which ended meanwhile lead to no other: the work goes on from that one. */
function pastBefore(exchange, past) {
  const { waits } = resolved(past);
  let ended = null;
  for (let wait = waits; wait !== null; wait = wait.before) {
    const { ledTo } = wait;
    if (ledTo !== null && ledTo.endedAtUs !== null) wait.spentBy = ledTo;
    if (ledTo === null || ledTo === wait.spentBy) wait.ledTo = exchange;
    if (ended === null) ended = wait.spentBy;
  }
  return ended === null ? past : newPast(ended, waits);
}

/** A piece of work goes on with one exchange: what comes after a `Promise.all` is no part of each of those in it. */
function goOn(exchange, before) {
  if (before === null || before.isFollowed) return;
  before.isFollowed = true;
  exchange.goesOnFrom = before;
}

/** Whether it waited for a lock is known a moment after it ends, from the works that wait next. */
function waitsBefore({ before }) {
  const { last, waits } = resolved(before);
  return ofOthers(since(last, waits));
}

/** The waits that began after another exchange of the same work had ended: until then it waits for that. */
function since(exchange, waits) {
  if (exchange === null || waits === null) return waits;
  if (exchange.endedAtUs === null || waits.fromUs < exchange.endedAtUs) return null;
  const { fromUs, toUs, info } = waits;
  return { fromUs, toUs, info, before: since(exchange, waits.before) };
}

function noteAnswered(exchange) {
  if (current === null) lastAnswered = { exchange, event: eventId() };
}

function noteFinished(exchange) {
  lastFinished = { exchange, event: current === null ? eventId() : null };
}

/**
 * When the work was handed over that led to an exchange; null where that was not before its call. Known a moment after its
 * end: of what was handed over together, nearly every piece has led to one exchange.
 */
function handedOverUs({ waits, fulfills, calledUs }) {
  let earliest = calledUs - waitedUs(waits);
  for (const { us, stretch: from } of fulfills) {
    const led = from.called + from.fulfilled;
    const together = led > 1 && led >= NEARLY_ALL * (finishedCount - from.finishedBefore);
    if (together) earliest = Math.min(earliest, us);
  }
  return earliest < calledUs ? earliest : null;
}

function installPromises() {
  notes = notesOnPromises();
  eventId = require('async_hooks').executionAsyncId;
  const hooks = require('v8').promiseHooks;
  hooks.createHook({ init: onInit, before: onBefore, after: onAfter, settled: onSettled });
}

// turns.cjs --------------------------------------------------------------------------------------------------------
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

// waits.cjs --------------------------------------------------------------------------------------------------------
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

// units.cjs --------------------------------------------------------------------------------------------------------
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

// http.cjs ---------------------------------------------------------------------------------------------------------
// node:http and node:https.

/** The exchanges of requests of node:http, and of undici. */
const requests = new WeakMap();
/** Those of the answers of node:http. */
const answers = new WeakMap();

const REQUEST_EVENTS = new Set(['socket', 'response', 'upgrade', 'connect', 'error', 'close']);
const ANSWER_EVENTS = new Set(['end', 'close', 'aborted', 'error']);

/** From 22 on a channel tells of a request; before, and where no agent is in between, its first event does. */
function installHttp() {
  channel('http.client.request.created').subscribe((message) => created(message.request));
  channel('http.client.request.start').subscribe((message) => requestEnded(message.request));
  const addRequest = http.Agent.prototype.addRequest;
  replace(http.Agent.prototype, 'addRequest', function (...args) {
    created(args[0]);
    return addRequest.apply(this, args);
  });
  overhear(http.ClientRequest.prototype, (request, args) => {
    if (REQUEST_EVENTS.has(args[0])) onRequestEvent(request, args[0], args[1]);
  });
  overhear(http.IncomingMessage.prototype, (answer, args) => {
    if (ANSWER_EVENTS.has(args[0])) onAnswerEvent(answer, args[0]);
  });
}

const created = guarded('http request', (request) => {
  if (requests.has(request)) return;
  const absolute = /^https?:\/\/[^/?#]+/.exec(request.path);
  const host = request.getHeader('host') || request.host || request.socketPath;
  const origin = absolute === null ? originOf(request.protocol, host) : absolute[0];
  const url = absolute === null ? origin + request.path : request.path;
  const exchange = call(request.method, origin, url, () => request.hasHeader('authorization'));
  exchange.agent = request.agent;
  requests.set(request, exchange);
  if (request.agent) limitsOfAgent(request.agent);
});

const requestEnded = guarded('http start', (request) => {
  const exchange = requests.get(request);
  if (exchange !== undefined) exchange.endedUs = now();
});

const onRequestEvent = guarded('http event', (request, name, value) => {
  if (name === 'socket') created(request);
  const exchange = requests.get(request);
  if (exchange === undefined) return;
  if (name === 'socket') {
    exchange.dispatchedUs = now();
    noteDispatched(exchange);
    assign(exchange, value);
  } else if (name === 'error') {
    sentOnReady(exchange);
    finish(exchange, errorName(value));
  } else if (name !== 'close') {
    answeredBy(exchange, name, value);
  } else if (exchange.answeredUs === null) {
    sentOnReady(exchange);
    finish(exchange, 'closed');
  }
});

/** 'upgrade' and 'connect' give the connection to the program: there is no body that would end. */
function answeredBy(exchange, name, answer) {
  sentOnReady(exchange);
  exchange.answeredUs = now();
  noteAnswered(exchange);
  answerHead(exchange, answer.statusCode, (name) => answer.headers[name]);
  if (name !== 'response') finish(exchange);
  else {
    exchange.answer = answer;
    answers.set(answer, exchange);
  }
}

/** Node hands a request to its socket as soon as both are there, in the same turn of the loop. */
function sentOnReady(exchange) {
  const connection = exchange.connection;
  if (connection === null || connection.readyUs === null) return;
  exchange.connectedUs = Math.max(connection.readyUs, exchange.dispatchedUs);
  exchange.sentUs = Math.max(exchange.connectedUs, exchange.endedUs || 0);
}

const onAnswerEvent = guarded('http answer', (answer, name) => {
  const exchange = answers.get(answer);
  if (exchange === undefined) return;
  if (name === 'end') finish(exchange);
  else if (answer.complete || isGivenUp(answer)) drop(exchange, 'aborted');
  else finish(exchange, 'aborted');
});

/** Whether the program closed it, and not because of a timeout. What the other side does is an error of the answer. */
function isGivenUp(answer) {
  const error = keptBy(answer.req, 'kError');
  if (error) return !/timeout|timedout/i.test(`${error.name} ${error.code}`);
  return answer._dumped || !answer.errored;
}

/** The parser pushes each piece of the body into the answer, and null at its end. */
function installBodies() {
  const above = Object.getPrototypeOf(http.IncomingMessage.prototype);
  replace(http.IncomingMessage.prototype, 'push', function (...args) {
    if (answers.has(this)) onBody(this, args[0]);
    return above.push.apply(this, args);
  });
}

const onBody = guarded('http body', (answer, chunk) => {
  const exchange = answers.get(answer);
  if (chunk === null) {
    if (answer.complete) exchange.wholeUs = now();
  } else lookIntoBody(exchange, chunk);
});

// raw.cjs ----------------------------------------------------------------------------------------------------------
// HTTP/1.1 that a program, or a library with sockets of its own, writes and reads itself.

const METHODS = 'GET|HEAD|POST|PUT|DELETE|PATCH|OPTIONS';
const REQUEST_START = new RegExp(`^(?:${METHODS}) `);
const REQUEST_HEAD = new RegExp(`(?:^|\r\n\r\n)(${METHODS}) (\\S+) HTTP/1\\.[01]\r\n`, 'g');
const MOST_OF_A_HEAD = 65536;

/** Sockets of node:http and undici have exchanges before anything is written to them; the rest may be such ones. */
function installRaw() {
  const above = Object.getPrototypeOf(net.Socket.prototype);
  for (const name of ['write', 'end'])
    replace(net.Socket.prototype, name, function (...args) {
      if (mayBeRaw(this)) onRawWrite(this, args[0]);
      return above[name].apply(this, args);
    });
  replace(net.Socket.prototype, 'push', function (...args) {
    const connection = connections.get(this);
    if (connection !== undefined && connection.raw !== null) onRawRead(connection.raw, args[0]);
    return above.push.apply(this, args);
  });
}

function mayBeRaw(socket) {
  const connection = connections.get(socket);
  return connection !== undefined && (connection.count === 0 || connection.raw !== null);
}

const onRawWrite = guarded('socket write', (socket, data) => {
  if (typeof data !== 'string' && !(data instanceof Uint8Array)) return;
  const textOf = (part) => (typeof part === 'string' ? part : Buffer.from(part).toString('latin1'));
  if (!REQUEST_START.test(textOf(data.slice(0, 'OPTIONS '.length)))) return;
  const text = textOf(data);
  const connection = connectionOf(socket);
  for (const found of text.matchAll(REQUEST_HEAD)) {
    if (connection.raw === null)
      connection.raw = { waiting: [], state: 'head', head: '', left: 0, hasEnded: false };
    rawCalled(socket, connection, found, text.slice(found.index));
  }
});

function rawCalled(socket, connection, [, method, path], text) {
  const host = /\r\nhost: *([^\r\n]+)/i.exec(text.slice(0, MOST_OF_A_HEAD));
  const origin = originOf(socket.encrypted ? 'https:' : 'http:', host === null ? connection.remote : host[1]);
  const target = /^https?:/.test(path) ? path : origin + path;
  const exchange = call(method, origin, target, () => /\r\nauthorization:/i.test(text));
  exchange.dispatchedUs = exchange.calledUs;
  assign(exchange, socket);
  sentOnReady(exchange);
  connection.raw.waiting.push(exchange);
}

const onRawRead = guarded('socket read', (raw, chunk) => {
  if (chunk === null) rawEnded(raw);
  else if (chunk instanceof Uint8Array) {
    let at = 0;
    while (at < chunk.length && raw.waiting.length > 0) at = RAW_STATES[raw.state](raw, chunk, at);
  }
});

/** Each reads bytes from a place on, and returns the place after them. */
const RAW_STATES = {
  head(raw, chunk, at) {
    const before = raw.head.length;
    raw.head += Buffer.from(chunk.slice(at, at + MOST_OF_A_HEAD)).toString('latin1');
    const end = raw.head.indexOf('\r\n\r\n');
    if (end < 0) {
      if (raw.head.length > MOST_OF_A_HEAD) raw.state = 'close';
      return chunk.length;
    }
    const head = raw.head.slice(0, end + 2);
    raw.head = '';
    rawAnswered(raw, head);
    return at + end + 4 - before;
  },
  body: (raw, chunk, at) => rawData(raw, chunk, at, rawRead),
  size: (raw, chunk, at) =>
    rawLine(raw, chunk, at, (line) => {
      const size = parseInt(line, 16);
      // A line end follows the bytes of a chunk.
      raw.left = size + 2;
      raw.state = size > 0 ? 'chunk' : size === 0 ? 'trailer' : 'close';
    }),
  chunk: (raw, chunk, at) =>
    rawData(raw, chunk, at, () => {
      raw.state = 'size';
    }),
  trailer: (raw, chunk, at) =>
    rawLine(raw, chunk, at, (line) => {
      if (line.trim() === '') rawRead(raw);
    }),
  /** To the end of the connection: a body without a length, or bytes that are no HTTP. */
  close(raw, chunk, at) {
    lookIntoBody(raw.waiting[0], chunk.slice(at));
    return chunk.length;
  },
};

function rawData(raw, chunk, at, atEnd) {
  const end = Math.min(at + raw.left, chunk.length);
  lookIntoBody(raw.waiting[0], chunk.slice(at, end));
  raw.left -= end - at;
  if (raw.left === 0) atEnd(raw);
  return end;
}

function rawLine(raw, chunk, at, atEnd) {
  const feed = chunk.indexOf(10, at);
  const end = feed < 0 ? chunk.length : feed + 1;
  raw.head += Buffer.from(chunk.slice(at, end)).toString('latin1');
  if (feed < 0) return end;
  const line = raw.head;
  raw.head = '';
  atEnd(line);
  return end;
}

function rawAnswered(raw, head) {
  const status = Number((/^HTTP\/1\.[01] (\d{3})/.exec(head) || [])[1]);
  if (!(status >= 100)) {
    raw.state = 'close';
    return;
  }
  if (status < 200 && status !== 101) return;
  const header = (name) => (new RegExp(`\r\n${name}: *([^\r\n]*)`, 'i').exec(head) || [])[1];
  const [exchange] = raw.waiting;
  sentOnReady(exchange);
  exchange.answeredUs = now();
  answerHead(exchange, status, header);
  if (exchange.method === 'HEAD' || status === 204 || status === 304) rawRead(raw);
  else if (/chunked/i.test(header('transfer-encoding') || '')) raw.state = 'size';
  else if (header('content-length') === undefined) raw.state = 'close';
  else {
    raw.left = Number(header('content-length'));
    raw.state = 'body';
    if (raw.left === 0) rawRead(raw);
  }
}

function rawRead(raw) {
  raw.state = 'head';
  finish(raw.waiting.shift());
}

/** The other side has closed, which ends an answer without a length. */
function rawEnded(raw) {
  const [first] = raw.waiting;
  raw.hasEnded = true;
  if (first !== undefined && first.answeredUs !== null && raw.state === 'close') rawRead(raw);
}

/** The answers that are left were broken off, unless the program itself closed the socket. */
function rawClosed(raw, socket) {
  const isBroken = raw.hasEnded || Boolean(socket.errored);
  for (const exchange of raw.waiting.splice(0)) {
    if (isBroken) finish(exchange, errorName(socket.errored || { code: 'closed' }));
    else drop(exchange, 'closed');
  }
}

// undici.cjs -------------------------------------------------------------------------------------------------------
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

// dispatchers.cjs --------------------------------------------------------------------------------------------------
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

// http2.cjs --------------------------------------------------------------------------------------------------------
// node:http2.

/** RFC 9113 §7 */
const CANCELLED = 8;
const sessions = new WeakMap();

/** Before 22 no channel tells of a stream, so http2 is loaded, and its sessions get another `request`. */
function installHttp2() {
  if (major < 22) guarded('http2', wrapHttp2)();
  else
    channel('http2.client.stream.created').subscribe(({ stream, headers }) =>
      onStream(stream.session, stream, headers),
    );
}

function wrapHttp2() {
  const http2 = require('http2');
  const connect = http2.connect;
  replace(http2, 'connect', function (...args) {
    const session = connect.apply(this, args);
    wrapSession(session);
    return session;
  });
}

const watched = Symbol('watched by abreast');
const wrapSession = guarded('http2 session', (session) => {
  const prototype = Object.getPrototypeOf(session);
  if (prototype.request[watched]) return;
  const request = prototype.request;
  replace(prototype, 'request', function (...args) {
    const stream = request.apply(this, args);
    onStream(this, stream, args[0] || {});
    return stream;
  });
  Object.defineProperty(prototype.request, watched, { value: true });
});

function streamsOf(session) {
  const known = sessions.get(session);
  if (known !== undefined) return known;
  const streams = { active: 0, waiting: [], isOpen: false };
  sessions.set(session, streams);
  const prototype = Object.getPrototypeOf(session);
  if (!wrappedPrototypes.has(prototype)) {
    wrappedPrototypes.add(prototype);
    overhear(prototype, onSessionEvent);
  }
  return streams;
}

const onSessionEvent = guarded('http2 session', (session, args) => {
  const isAdmitting = args[0] === 'connect' || args[0] === 'remoteSettings';
  if (isAdmitting && sessions.has(session)) admit(session);
});

/** nghttp2 keeps back the streams that the server does not allow yet. No event says so, but they can be counted. */
function admit(session) {
  const streams = streamsOf(session);
  const settings = session.remoteSettings;
  const most =
    settings && settings.maxConcurrentStreams !== undefined ? settings.maxConcurrentStreams : Infinity;
  if (most !== Infinity && most < 2 ** 31) limit('streams', 'http2 maxConcurrentStreams', most, 'the server');
  while (streams.waiting.length > 0 && streams.active < most) {
    const exchange = streams.waiting.shift();
    streams.active++;
    exchange.admitted = true;
    // Until a session is open, its streams wait for that alone.
    exchange.dispatchedUs = streams.isOpen ? Math.max(exchange.calledUs, now()) : exchange.calledUs;
    const ready = exchange.connection === null ? null : exchange.connection.readyUs;
    exchange.connectedUs = ready === null ? null : Math.max(ready, exchange.dispatchedUs);
    exchange.sentUs = exchange.connectedUs;
    noteDispatched(exchange);
  }
  streams.isOpen = true;
}

const onStream = guarded('http2 stream', (session, stream, headers) => {
  if (isOfUndici(session)) return;
  const origin = originOfSession(session, headers);
  const target = origin + (headers[':path'] || '/');
  const exchange = call(
    headers[':method'] || 'GET',
    origin,
    target,
    () => headers.authorization !== undefined,
  );
  exchange.estimated = ['dispatchedUs', 'sentUs'];
  attach(exchange, session);
  streamsOf(session).waiting.push(exchange);
  if (!session.connecting) admit(session);
  listen(stream, exchange, session);
});

/** undici's own sessions come through its channels. */
const isOfUndici = (session) => keptBy(session, 'open streams') !== undefined;

function originOfSession(session, headers) {
  if (session.originSet && session.originSet[0]) return session.originSet[0];
  return originOf(session.encrypted === false ? 'http:' : 'https:', headers[':authority'] || 'unknown');
}

function attach(exchange, session) {
  const socket = keptBy(session, 'socket');
  if (!socket || exchange.connection !== null) return;
  assign(exchange, socket);
  exchange.connection.protocol = 'h2';
}

/**
 * Hears a stream's events before the program does, and without being one of its listeners. Its body is what node:http2
 * pushes: bytes, however the program reads them. The first of them may be pushed before the `response` event.
 */
function listen(stream, exchange, session) {
  const early = [];
  const lookInto = (chunk) => (chunk === null ? endLooking(exchange) : lookIntoBody(exchange, chunk));
  const answered = guarded('http2 response', (fields) => {
    attach(exchange, session);
    if (!exchange.admitted) admit(session);
    exchange.answeredUs = now();
    answerHead(exchange, fields[':status'], (name) => fields[name]);
    early.splice(0).forEach(lookInto);
  });
  const pushed = guarded('http2 body', (chunk) => {
    if (exchange.answeredUs === null) early.push(chunk);
    else lookInto(chunk);
  });
  const closed = guarded('http2 close', (code) => {
    leave(exchange, session);
    if (exchange.answeredUs !== null && code === CANCELLED) drop(exchange, `rst ${code}`);
    else finish(exchange, exchange.answeredUs === null || code ? `rst ${code}` : undefined);
    admit(session);
  });
  const { emit, push } = stream;
  replace(stream, 'emit', function (...args) {
    if (args[0] === 'response') answered(args[1]);
    else if (args[0] === 'close') closed(this.rstCode);
    return emit.apply(this, args);
  });
  replace(stream, 'push', function (...args) {
    pushed(args[0]);
    return push.apply(this, args);
  });
}

function leave(exchange, session) {
  const streams = streamsOf(session);
  const at = streams.waiting.indexOf(exchange);
  if (at >= 0) streams.waiting.splice(at, 1);
  if (exchange.admitted) streams.active--;
}

// children.cjs -----------------------------------------------------------------------------------------------------
// Children that the loop waits for.

/** The last waits for children: a turn of the loop that is late by them is no other wait. */
const childBlocks = [];

/** Calls that hold the loop until a child has ended. */
function installChildren() {
  const children = require('child_process');
  for (const name of ['execSync', 'execFileSync', 'spawnSync']) {
    const original = children[name];
    replace(children, name, function (...args) {
      const fromUs = now();
      const stack = guarded('stack', stackHere)();
      try {
        return original.apply(this, args);
      } finally {
        waitedForChild(fromUs, stack);
      }
    });
  }
}

const waitedForChild = guarded('child', (fromUs, stack) => {
  const toUs = now();
  childBlocks.push({ fromUs, toUs });
  if (childBlocks.length > 100) childBlocks.shift();
  const wait = { kind: 'child', call: 'child process' };
  write({ kind: 'block', pid, thread, fromUs, toUs, wait, stack });
});

// loop.cjs ---------------------------------------------------------------------------------------------------------
// The loop's turns.

const TURN_MS = 20;
const BLOCKED_MS = 50;
/** Written at once, for programs that will be killed. */
const LONG_MS = 1000;
/** Once a minute. */
const ROTATE_TURNS = 3000;
/** The loop computes in a block of which it spent so much on a CPU, or also ready to run and waiting for one. */
const LEAST_USED = 0.1;
const LEAST_USED_OR_QUEUED = 0.5;
let loop = null;

/** Looks at the loop's turns from the first exchange on. The samples of a turn that comes late say what blocked it. */
function watchLoop() {
  if (loop !== null) return;
  sitesLeft = SITES_FIRST;
  startProfiler();
  loop = {
    lastUs: now(),
    cpu: process.cpuUsage(),
    scheduled: scheduledOf([thread]),
    turns: 0,
    blocks: [],
    timer: setTimer(turn, TURN_MS),
  };
  loop.timer.unref();
}

const turn = guarded('loop', () => {
  const at = now();
  const lateUs = at - loop.lastUs - TURN_MS * 1000;
  if (lateUs > BLOCKED_MS * 1000) blocked(loop.lastUs, at);
  writeEnded();
  if (limits.size > limitsWritten) write(environment(undefined));
  loop.turns++;
  if (loop.turns % ROTATE_TURNS === 0) clocks.push([now(), wallUs()]);
  if (loop.turns % ROTATE_TURNS === 0 || lateUs > LONG_MS * 1000) {
    writeBlocks();
    profile();
  }
  flush();
  loop.lastUs = now();
  loop.cpu = process.cpuUsage();
  loop.scheduled = scheduledOf([thread]);
});

function blocked(fromUs, toUs) {
  if (childBlocks.some((child) => child.fromUs < toUs && child.toUs > fromUs)) return;
  // A loop that sleeps neither uses a CPU nor waits for one. Where the kernel does not count this for each thread, the
  // process is asked, and a loop that computes may have had little of a CPU.
  const last = loop.scheduled;
  const scheduled = last === undefined ? undefined : scheduledOf([thread]);
  const used = process.cpuUsage(loop.cpu);
  const [usedUs, least] =
    scheduled === undefined
      ? [used.user + used.system, LEAST_USED]
      : [scheduled.ranUs - last.ranUs + scheduled.queuedUs - last.queuedUs, LEAST_USED_OR_QUEUED];
  const busy = usedUs > least * (toUs - fromUs);
  const wait = busy ? { kind: 'cpu', call: 'cpu' } : { kind: 'other', call: 'loop' };
  loop.blocks.push({ kind: 'block', pid, thread, fromUs, toUs, wait });
}

/** Ends the profile, and writes the blocks that it covers with the stacks that were sampled in them. */
function writeBlocks() {
  const taken = takeProfile();
  const samples = taken === null || loop.blocks.length === 0 ? null : samplesOf(taken);
  for (const block of loop.blocks) {
    const found = samples === null ? null : heaviest(samples, block.fromUs, block.toUs);
    if (found !== null) {
      block.stack = stackId(found.frames);
      block.samples = found.count;
    }
    write(block);
  }
  loop.blocks = [];
}

/** The process ends in a turn, which no timer will look at. */
function endLoop() {
  if (loop === null) return;
  const at = now();
  if (at - loop.lastUs > (TURN_MS + BLOCKED_MS) * 1000) blocked(loop.lastUs, at);
  writeBlocks();
}

// profile.cjs ------------------------------------------------------------------------------------------------------
// What blocked a turn of the loop, by V8's profiler.

const SAMPLE_US = 5000;
/** The session with V8's own profiler; null where there is none. */
let profiler = null;

/** To start it takes tens of milliseconds. */
function startProfiler() {
  try {
    const Session = require('inspector').Session;
    profiler = new Session();
    profiler.connect();
    profiler.post('Profiler.enable');
    profiler.post('Profiler.setSamplingInterval', { interval: SAMPLE_US });
    profile();
  } catch (error) {
    profiler = null;
  }
}

function profile() {
  if (profiler !== null) profiler.post('Profiler.start');
}

/** Ends the profile that was begun, and gives it. */
function takeProfile() {
  let taken = null;
  if (profiler !== null)
    profiler.post('Profiler.stop', (error, result) => {
      if (!error) taken = result.profile;
    });
  return taken;
}

/** The samples with their times in the trace's clock, and the tree of calls that they point into. */
function samplesOf({ nodes: all, startTime, timeDeltas, samples }) {
  const offsetUs = zeroMs * 1000 + performanceOriginUs();
  const parents = new Map();
  const nodes = new Map();
  for (const node of all) {
    nodes.set(node.id, node);
    for (const child of node.children || []) parents.set(child, node.id);
  }
  const times = [];
  let at = startTime - offsetUs;
  for (const delta of timeDeltas) {
    at += delta;
    times.push(at);
  }
  return { nodes, parents, times, ids: samples };
}

/** The stack that most samples of a time were in. Lines of callers are those where their functions begin. */
function heaviest(samples, fromUs, toUs) {
  const counts = new Map();
  for (let index = firstAfter(samples.times, fromUs); index < samples.ids.length; index++) {
    if (samples.times[index] > toUs) break;
    const { id, callFrame } = samples.nodes.get(samples.ids[index]);
    if (!/^\((idle|program|root)\)$/.test(callFrame.functionName)) counts.set(id, (counts.get(id) || 0) + 1);
  }
  let best = null;
  for (const [id, count] of counts) if (best === null || count > best.count) best = { id, count };
  return best === null ? null : { frames: framesOf(samples, best.id), count: best.count };
}

function firstAfter(times, at) {
  let low = 0;
  let high = times.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (times[middle] < at) low = middle + 1;
    else high = middle;
  }
  return low;
}

function framesOf({ nodes, parents }, leaf) {
  const frames = [];
  for (let id = leaf; id !== undefined; id = parents.get(id)) {
    const { functionName, url, lineNumber } = nodes.get(id).callFrame;
    if (url === '') continue;
    const ticks = (id === leaf && nodes.get(id).positionTicks) || [];
    const most = ticks.reduce((one, other) => (other.ticks > one.ticks ? other : one), {
      ticks: 0,
      line: lineNumber + 1,
    });
    frames.push({ function: functionName || undefined, file: fileOf(url), line: most.line });
  }
  return frames;
}

/** What performance.now() counts from, on the clock of hrtime and of the profiler. */
function performanceOriginUs() {
  const hrtime = process.hrtime();
  return hrtime[0] * 1e6 + hrtime[1] / 1000 - monotonic() * 1000;
}

// fixes.cjs --------------------------------------------------------------------------------------------------------
// Fixes that `abreast watch --try` asks for: larger limits and connections that are kept. Without it nothing of this part runs.

/** A line for each: its name and its arguments, with tabs between them. */
const fixes = (process.env.ABREAST_FIXES || '')
  .split('\n')
  .filter(Boolean)
  .map((line) => line.split('\t'));
const fixesNamed = (name) => fixes.filter((fix) => fix[0] === name).map((fix) => fix.slice(1));

/** Notes that a fix took effect, by its name and its first argument: without a note, it could not be applied. */
function fixed(...name) {
  if (process.env.ABREAST_FIXED) fs.appendFileSync(process.env.ABREAST_FIXED, `${name.join('\t')}\n`);
}

function installFixes() {
  if (fixes.length === 0) return;
  for (const [name, value] of fixesNamed('variable'))
    if (process.env[name] === value) fixed('variable', name);
  const raise = guarded('raise an agent', raiseAgent);
  const keep = guarded('keep alive', keepAlive);
  const addRequest = http.Agent.prototype.addRequest;
  replace(http.Agent.prototype, 'addRequest', function (...args) {
    raise(this);
    return addRequest.apply(this, args);
  });
  if (fixesNamed('keep-alive').length === 0) return;
  for (const agent of [http.globalAgent, load('https').globalAgent]) keep(agent);
  const agentOn = http.Agent.prototype.on;
  replace(http.Agent.prototype, 'on', function (...args) {
    if (args[0] === 'free') keep(this); // its constructor listens to itself, behind all that it sets
    return agentOn.apply(this, args);
  });
}

/** The size that a fix gives to a limit; null where it is not the one that is to be raised. */
function raisedTo(of, size, where) {
  const fix = fixesNamed('raise').find(
    ([name, old, line]) =>
      name === of && Number(old) === size && (line === '' || where === undefined || line === where),
  );
  return fix === undefined ? null : Number(fix[3]);
}

function raiseAgent(agent) {
  const name = agent.defaultPort === 443 ? 'https.Agent' : 'http.Agent';
  for (const key of ['maxSockets', 'maxTotalSockets']) {
    const size = raisedTo(`${name} ${key}`, agent[key], agentSites.get(agent));
    if (size === null) continue;
    agent[key] = size;
    fixed('raise', `${name} ${key}`);
  }
}

/** undici's pools have it beside their options, its agents hand their options on to the pools that they make. */
function raiseDispatcher(dispatcher) {
  const name = `undici ${dispatcher.constructor.name} connections`;
  const options = keptBy(dispatcher, 'options') || {};
  const own = keptBy(dispatcher, 'connections');
  const size = raisedTo(name, own || options.connections, dispatcherSites.get(dispatcher));
  if (size === null) return;
  if (own) dispatcher[symbolOf(dispatcher, 'connections')] = size;
  if (options.connections) options.connections = size;
  fixed('raise', name);
}

function keepAlive(agent) {
  if (agent.keepAlive) return;
  agent.keepAlive = true;
  agent.options = Object.assign(Object.create(Object.getPrototypeOf(agent.options)), agent.options, {
    keepAlive: true,
  });
  fixed('keep-alive');
}

// limits.cjs -------------------------------------------------------------------------------------------------------
// Limits, each once.

const limits = new Map();
/** How many of them the last environment record had. */
let limitsWritten = 0;

function limit(kind, of, size, setAt) {
  if (typeof size !== 'number' || !Number.isFinite(size)) return;
  const key = `${of} ${size} ${setAt}`;
  if (!limits.has(key)) limits.set(key, setAt === undefined ? { kind, size, of } : { kind, size, of, setAt });
}

// agents.cjs -------------------------------------------------------------------------------------------------------
// Agents of node:http: where they were made, and how many connections they may have.

const agents = new WeakSet();
const agentSites = new WeakMap();

/** Where an agent was made: its constructor listens to itself. */
function installAgents() {
  const agentOn = http.Agent.prototype.on;
  replace(http.Agent.prototype, 'on', function (...args) {
    if (args[0] === 'free' && !agentSites.has(this)) agentSites.set(this, guarded('agent', siteHere)());
    return agentOn.apply(this, args);
  });
}

function limitsOfAgent(agent) {
  if (agents.has(agent)) return;
  agents.add(agent);
  if (fixes.length > 0) raiseAgent(agent);
  const where = agentSites.get(agent);
  const name = agent.defaultPort === 443 ? 'https.Agent' : 'http.Agent';
  limit('connections-per-host', `${name} maxSockets`, agent.maxSockets, where);
  limit('connections', `${name} maxTotalSockets`, agent.maxTotalSockets, where);
  if (agent.keepAlive === false) limit('keep-alive', `${name} keepAlive`, 0, where);
}

// environment.cjs --------------------------------------------------------------------------------------------------
// What the process was made of.

function environment(loaded) {
  limit(
    'name-threads',
    'libuv threads',
    Number(process.env.UV_THREADPOOL_SIZE) || 4,
    process.env.UV_THREADPOOL_SIZE ? 'UV_THREADPOOL_SIZE' : 'libuv',
  );
  limitsWritten = limits.size;
  return {
    kind: 'environment',
    pid,
    language: 'node',
    version: process.versions.node,
    modules: loaded,
    limits: [...limits.values()].map((each) => (loaded === undefined ? each : placed(each, loaded))),
  };
}

/** Node's own agents exist before any program: a limit of theirs is assigned, and its place is that line, if only one does. */
function placed(limit, loaded) {
  const found = limit.setAt === undefined ? /Agent (max\w+)$/.exec(limit.of) : null;
  if (found === null) return limit;
  const places = assignmentsOf(found[1]);
  if (places.length !== 1) return limit;
  const module = packageAround(places[0].file);
  if (module !== null && !loaded.some(({ where }) => where === module.where)) loaded.push(module);
  return Object.assign({}, limit, { setAt: `${places[0].file}:${places[0].line}` });
}

/** Lines of what was loaded that assign to this property. */
function assignmentsOf(property) {
  const assignment = new RegExp(`\\.${property}\\s*=[^=]`);
  const places = [];
  for (const file of new Set([...Object.keys(require.cache), process.argv[1]])) {
    if (file === undefined || file === __filename) continue;
    let text = '';
    try {
      text = fs.readFileSync(file, 'utf8');
    } catch (error) {
      // what can't be read can't be searched: it was made by the program, or is gone
    }
    if (!text.includes(property)) continue;
    text.split('\n').forEach((line, at) => {
      if (assignment.test(line)) places.push({ file, line: at + 1 });
    });
  }
  return places;
}

// packages.cjs -----------------------------------------------------------------------------------------------------
// The packages that were loaded.

/** The package that a file is of; null where no package.json with a name and a version is above it. */
function packageAround(file) {
  for (let where = path.dirname(file); where !== path.dirname(where); where = path.dirname(where)) {
    try {
      const { name, version } = JSON.parse(fs.readFileSync(`${where}/package.json`, 'utf8'));
      if (name !== undefined && version !== undefined) return { name, version, where };
    } catch (error) {
      // the next folder up may have one
    }
  }
  return null;
}

/** The packages that were loaded by require, with their versions. */
function modules() {
  const found = new Map();
  for (const name of Object.keys(require.cache)) {
    const at = name.lastIndexOf('/node_modules/');
    if (at < 0) continue;
    const parts = name.slice(at + 14).split('/');
    const packageName = parts[0].startsWith('@') ? `${parts[0]}/${parts[1]}` : parts[0];
    const where = name.slice(0, at + 14) + packageName;
    if (found.has(where) || found.size >= 300) continue;
    const module = { name: packageName, where };
    try {
      module.version = JSON.parse(fs.readFileSync(`${where}/package.json`, 'utf8')).version;
    } catch (error) {
      // a package without its file is still a module that was loaded
    }
    found.set(where, module);
  }
  return [...found.values()];
}

// start.cjs --------------------------------------------------------------------------------------------------------
// The start and the end of the process.

function start() {
  startClock();
  guarded('promises', installPromises)();
  installConnections();
  installAgents();
  installFixes();
  installHttp();
  installBodies();
  installRaw();
  installUndici();
  installDispatchers();
  installHttp2();
  installServed();
  installChildren();
  const exit = guarded('exit', end);
  overhear(process, (_, args) => {
    if (args[0] === 'exit') exit(args[1]);
  });
}

function end(code) {
  writeEnded();
  writeOpen();
  writeOpenServed();
  endLoop();
  const endedUs = now();
  clocks.push([endedUs, wallUs()]);
  if (exchangeCount > 0 || file !== null) write(environment(modules()));
  write(endRecord(endedUs, code));
  write({ kind: 'end', endedUs, exitCode: code, lost, clocks });
  flush();
}

module.exports = { cleanUrl, cleanArgument };

if (records) {
  try {
    start();
  } catch (error) {
    if (debug) throw error;
  }
}
