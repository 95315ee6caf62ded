/**
 * abreast's recorder for Node: what became of every HTTP request of this process, written as a trace.
 *
 *     NODE_OPTIONS=--require=/path/of/probe.cjs ABREAST_TRACE=trace.jsonl node report.js
 *
 * It loads nothing but Node's own modules, records on Node 18 and newer, and does nothing on older ones, which still
 * have to be able to read it: nothing newer than Node 8's JavaScript stands here. It never throws into the program.
 *
 * `ABREAST_TRACE` names the file of the first process; `%p` in it becomes the process id. Every other process, and
 * every worker thread, writes beside it: `trace.jsonl` -> `trace.PID.jsonl`. A file that an earlier run left is
 * replaced. `ABREAST_KEEP_URLS=1` keeps credentials in URLs.
 *
 * Sections: secrets, clock, trace file, stacks, connections, exchanges, units of work, http, undici, http2, children, loop, limits,
 * start.
 */
// biome-ignore-all lint/complexity/useOptionalChain: Node 8 has to be able to read this file
// biome-ignore-all lint/correctness/noUnusedVariables: nor does it know `catch` without a variable
// biome-ignore-all lint/style/useNodejsImportProtocol: nor the prefix
'use strict';

const VERSION = '1';
const pattern = process.env.ABREAST_TRACE;
const major = Number(process.versions.node.split('.')[0]);
// Secrets ------------------------------------------------------------------------------------------------------------
// The rules of src/trace/secrets, once more, because this file needs nothing but itself (and nothing newer than Node 8's
// patterns); test/trace/secrets/examples.ts holds both to the same answers.

const keepUrls = Boolean(process.env.ABREAST_KEEP_URLS);
const HIDDEN = '***';
const SECRET_NAME = new RegExp(
  [
    'authorization|secret|passw|passphrase|passcode|jwt|bearer|cookie|csrf|xsrf',
    '(?:token|tokenhint|signature|hmac|credentials?|assertion|nonce)\\d*$',
    '(?:pwd|userpw|sessionid|sessid|authhash|authticket|codeverifier|oauthverifier)\\d*$',
    '(?:authcode|accesscode|devicecode|securitycode|verificationcode)\\d*$',
    '(?:api|access|private)key(?:id)?\\d*$',
    '(?:signing|session|encryption|account|auth|master|shared|subscription|functions?|consumer|client)key\\d*$',
    '(?:app|application|admin|server|service|write|stream|license|developer|deploy|pass)key\\d*$',
    'keypairid\\d*$',
    '^(?:pass|userpass|dbpass|pw|psk|sig|sid|otp|totp|session)\\d*$',
    '^(?:auth|xauth|httpauth|proxyauth|basicauth|bearerauth|oauth|authentication)\\d*$',
  ].join('|'),
);
const SECRET_IN_URLS =
  /^(?:key|code|ticket|googleaccessid|pgtid|pgtiou|samlresponse|samlart|relaystate|wresult)$/;
const KNOWN_TOKEN =
  /(^|[^A-Za-z0-9])(?:gh[pousr]_\w{16,}|github_pat_\w{16,}|glpat-[\w-]{16,}|xox[abeoprs]-[\w-]{8,}|[sr]k_(?:live|test)_\w{8,}|sk-[\w-]{16,}|A[KS]IA[A-Z0-9]{12,}|AIza[\w-]{30,}|ya29\.[\w.-]{16,}|npm_\w{30,}|pypi-[\w-]{16,}|hf_\w{20,}|dop_v1_\w{16,}|eyJ[\w-]{6,}\.[\w-]{6,}\.[\w-]*)/g;
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

/** A text without the credentials that can be told in it: URLs, NAME=value, "name": "value". */
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

module.exports = { cleanUrl, cleanArgument };

if (pattern && major >= 18) {
  try {
    start();
  } catch (error) {
    if (process.env.ABREAST_DEBUG) throw error;
  }
}

function start() {
  const channel = require('diagnostics_channel').channel;
  const fs = require('fs');
  const http = require('http');
  const net = require('net');
  const os = require('os');
  const path = require('path');
  const threads = require('worker_threads');
  const setTimer = setInterval;
  const debug = Boolean(process.env.ABREAST_DEBUG);

  // Clock ------------------------------------------------------------------------------------------------------------

  const performance = require('perf_hooks').performance;
  const monotonic = performance.now.bind(performance);
  /** Date.now() has milliseconds only; it is asked where the clock was set meanwhile. */
  const wallUs = () => {
    const exactMs = performance.timeOrigin + monotonic();
    const roughMs = Date.now();
    return Math.round((Math.abs(exactMs - roughMs) < 3 ? exactMs : roughMs) * 1000);
  };
  const startedUs = wallUs();
  const zeroMs = monotonic();
  const now = () => Math.round((monotonic() - zeroMs) * 1000);
  /** Pairs of trace time and Unix time, so that the traces of two recorders can be laid side by side. */
  const clocks = [[0, startedUs]];

  // Trace file -------------------------------------------------------------------------------------------------------

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
    const argv = process.argv.map(cleanArgument);
    const host = { os: process.platform, kernel: os.release(), cpus: os.cpus().length };
    const run = {
      kind: 'run',
      version: 2,
      startedUs,
      command: argv,
      recorders: [{ name: 'node', version: VERSION, sees: SEES }],
      host,
    };
    const self = { kind: 'process', pid, parent: process.ppid, group: processGroup(), startedUs: 0, argv };
    file = fs.openSync(
      chooseFile(),
      fs.constants.O_WRONLY | fs.constants.O_CREAT | fs.constants.O_APPEND | fs.constants.O_TRUNC,
      0o600,
    );
    fs.writeSync(file, `${JSON.stringify(run)}\n${JSON.stringify(self)}\n`);
  }

  function processGroup() {
    try {
      const status = fs.readFileSync('/proc/self/stat', 'latin1');
      return Number(status.slice(status.lastIndexOf(')') + 2).split(' ')[2]);
    } catch (error) {
      return undefined;
    }
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

  /** A recorder's own fault: said once a place, and counted. */
  const troubles = new Set();
  function trouble(where, error) {
    lost.notUnderstood++;
    if (troubles.has(where)) return;
    troubles.add(where);
    write({
      kind: 'note',
      atUs: now(),
      text: `${where}: ${cleanText(String(debug ? error.stack : error.message))}`,
    });
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

  // Stacks -----------------------------------------------------------------------------------------------------------

  const FRAMES = 60;
  const KEPT_FRAMES = 24;
  /** All of the first exchanges get their stack, then one of so many: a stack costs as much as the rest together. */
  const STACKS_FIRST = 200;
  const STACKS_THEN = 50;
  const stackIds = new Map();
  let stacksAsked = 0;

  /** The id of the program's own stack, leaf first; frames of Node are left out but the one that was called. */
  function stackHere() {
    stacksAsked++;
    if (stacksAsked > STACKS_FIRST && stacksAsked % STACKS_THEN !== 0) return undefined;
    const limit = Error.stackTraceLimit;
    const prepare = Error.prepareStackTrace;
    const held = {};
    Error.stackTraceLimit = FRAMES;
    Error.prepareStackTrace = (_, sites) => sites;
    Error.captureStackTrace(held, stackHere);
    const sites = held.stack;
    Error.stackTraceLimit = limit;
    Error.prepareStackTrace = prepare;
    const frames = [];
    for (const site of Array.isArray(sites) ? sites : []) {
      const name = site.getFileName();
      if (!name || name === __filename) continue;
      const frame = {
        file: fileOf(name),
        line: site.getLineNumber() || 1,
      };
      const called = site.getFunctionName() || site.getMethodName();
      if (called) frame.function = called;
      const owner = site.isToplevel() ? null : site.getTypeName();
      if (owner && owner !== 'Object' && owner !== 'Function') frame.self = owner;
      frames.push(frame);
    }
    return stackId(frames);
  }

  const fileOf = (url) => (url.startsWith('file://') ? decodeURI(url.slice(7)) : url);

  function stackId(frames) {
    const ours = /^node:(diagnostics_channel|events)$/;
    frames = frames.filter((frame) => !ours.test(frame.file));
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
    write({ kind: 'stack', id, frames: own });
    return id;
  }

  // Connections ------------------------------------------------------------------------------------------------------

  const connections = new WeakMap();
  let connectionCount = 0;

  /** What is known of a socket: its times are kept from connect() on, where that was seen. */
  function connectionOf(socket) {
    const known = connections.get(socket);
    if (known !== undefined) return known;
    const connection = {
      id: ++connectionCount,
      written: false,
      origin: null,
      count: 0,
      lastReadUs: null,
      connectingUs: undefined,
      dnsFromUs: undefined,
      dnsToUs: undefined,
      connectedUs: socket.connecting ? null : now(),
      tlsStartUs: null,
      tlsDoneUs: null,
      readyUs: socket.connecting ? null : now(),
      protocol: undefined,
    };
    connections.set(socket, connection);
    const plain = (at) => {
      connection.connectedUs = at;
      if (socket.encrypted) connection.tlsStartUs = at;
      else connection.readyUs = at;
      // Asks the kernel, which is how a recorder outside learns it too.
      connection.local = endpoint(socket.localAddress, socket.localPort);
      connection.remote = endpoint(socket.remoteAddress, socket.remotePort);
    };
    if (!socket.connecting) plain(connection.connectedUs);
    else {
      socket.prependOnceListener(
        'lookup',
        guarded('lookup', () => {
          if (connection.dnsFromUs !== undefined) connection.dnsToUs = now();
        }),
      );
      socket.prependOnceListener(
        'connect',
        guarded('connect', () => plain(now())),
      );
    }
    if (socket.encrypted && (socket.connecting || socket.secureConnecting)) {
      connection.readyUs = null;
      socket.prependOnceListener(
        'secureConnect',
        guarded('secureConnect', () => {
          connection.tlsDoneUs = connection.readyUs = now();
          connection.tlsVersion = (socket.getProtocol() || '').replace('TLSv', '') || null;
          if (socket.alpnProtocol === 'h2') connection.protocol = 'h2';
        }),
      );
    }
    socket.prependOnceListener(
      'close',
      guarded('close', () => {
        if (connection.written) write({ kind: 'connectionClosed', id: connection.id, atUs: now() });
      }),
    );
    return connection;
  }

  const endpoint = (address, port) => {
    if (address === undefined || port === undefined) return undefined;
    const plain = address.startsWith('::ffff:') ? address.slice(7) : address;
    return plain.includes(':') ? `[${plain}]:${port}` : `${plain}:${port}`;
  };

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
  const connect = net.Socket.prototype.connect;
  replace(net.Socket.prototype, 'connect', function (...args) {
    const result = connect.apply(this, args);
    began(this, args);
    return result;
  });
  const began = guarded('connect', (socket, args) => {
    if (!socket.connecting) return;
    const connection = connectionOf(socket);
    connection.connectingUs = now();
    const options = Array.isArray(args[0]) ? args[0][0] : args[0];
    const host = options && typeof options === 'object' ? options.host : undefined;
    if (options && options.path) return;
    connection.dnsFromUs = connection.dnsToUs = null;
    if (host !== undefined && !net.isIP(host)) connection.dnsFromUs = connection.connectingUs;
  });

  /** Puts a function in the place of another, and lets it look the same. */
  function replace(owner, name, made) {
    const original = owner[name];
    Object.defineProperty(made, 'name', { value: original.name, configurable: true });
    Object.defineProperty(made, 'length', { value: original.length, configurable: true });
    const own = Object.getOwnPropertyDescriptor(owner, name);
    const enumerable = own === undefined ? false : own.enumerable;
    Object.defineProperty(owner, name, { value: made, writable: true, configurable: true, enumerable });
  }

  // Exchanges --------------------------------------------------------------------------------------------------------

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
    'block',
    'environment',
  ];
  const open = new Set();
  let exchangeCount = 0;
  let finishedCount = 0;

  function call(method, origin, url) {
    watchLoop();
    const at = now();
    const exchange = {
      id: ++exchangeCount,
      method,
      origin,
      url: cleanUrl(url),
      stack: stackHere(),
      calledUs: at,
      dispatchedUs: null,
      connectedUs: null,
      sentUs: null,
      answeredUs: null,
      readUs: null,
      connection: null,
      ordinal: null,
      socket: null,
      status: null,
      estimated: undefined,
      unit: null,
      stretch: null,
      fulfills: [],
    };
    unitOf(exchange);
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
    const connection = exchange.connection;
    const at = now();
    if (failure === undefined) exchange.readUs = at;
    if (connection !== null) {
      connection.lastReadUs = at;
      writeConnection(connection, exchange.socket, exchange.origin);
    }
    ended.push([exchange, failure === undefined ? undefined : { failedUs: at, error: failure }]);
    if (ended.length >= 1000) writeEnded();
  }

  /** Written with the next turn: until then it may turn out what they were part of. */
  let ended = [];
  function writeEnded() {
    const all = ended;
    ended = [];
    for (const [exchange, failure] of all) writeExchange(exchange, failure);
  }

  function writeExchange(exchange, failure) {
    const connection = exchange.connection;
    if (connection !== null && exchange.connectedUs === null && connection.readyUs !== null) {
      exchange.connectedUs = Math.max(connection.readyUs, exchange.dispatchedUs);
    }
    write(
      Object.assign(
        {
          kind: 'exchange',
          id: exchange.id,
          pid,
          thread,
          connection: connection === null ? null : connection.id,
          ordinal: exchange.ordinal,
          method: exchange.method,
          origin: exchange.origin,
          url: exchange.url,
          wantedUs: askedOf(exchange),
          calledUs: exchange.calledUs,
          dispatchedUs: exchange.dispatchedUs,
          connectedUs: exchange.connectedUs,
          sentUs: exchange.sentUs,
          answeredUs: exchange.answeredUs,
          readUs: exchange.readUs,
          status: exchange.status,
          stack: exchange.stack,
          estimated: exchange.estimated,
        },
        failure,
      ),
    );
  }

  const originOf = (protocol, host) => {
    const secure = protocol === 'https:';
    return `${secure ? 'https' : 'http'}://${String(host).replace(secure ? /:443$/ : /:80$/, '')}`;
  };

  // Units of work ----------------------------------------------------------------------------------------------------

  /**
   * When the program handed over the work that an exchange belongs to. Promises tell: one that was made together with
   * others (in one synchronous stretch), and whose continuation made the exchange, or which was fulfilled by what came
   * of it, stands for a piece of work that had to wait: for a permit, a lock, a place in a queue.
   */
  const DEEPEST = 50;
  /** A synchronous stretch: from one continuation, or event, to the next. */
  let stretch = null;
  /** What is known of the promise whose continuation runs; null in the main program and in events. */
  let current = null;
  let lastCalled = null;

  const notes = notesOnPromises();

  /**
   * Keeps something with a promise where no program can see it. A private field takes a third of what a property that
   * is not enumerable does, and a sixth of a WeakMap. Node 8 can't read it, so it stands in a text.
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
    this.calls = from === undefined ? exchangeCount : from.calls;
    this.stretch = stretch === null ? beginStretch() : stretch;
    // It waits for what was begun before an exchange was called, and so for that exchange.
    this.waitsFor = from === undefined ? null : waitedBy(from);
    // A chain that has made an exchange, or is too long, is not followed back.
    const follows = current !== null && current.depth < DEEPEST;
    this.context = follows && this.waitsFor === null ? current : null;
    this.depth = follows ? current.depth + 1 : 0;
    this.raw = parent === undefined;
    /** Whether its continuation has made an exchange: shared with the promises that follow from it. */
    this.carrier = null;
    this.parent = from === undefined ? null : carrierOf(from);
    this.used = false;
  }

  function beginStretch() {
    stretch = { units: 0, fulfilled: 0, finishedBefore: finishedCount };
    return stretch;
  }

  function carrierOf(info) {
    if (info.carrier === null) info.carrier = { carried: false };
    return info.carrier;
  }

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
  }

  function onAfter() {
    stretch = null;
    current = null;
  }

  /** A promise older than an exchange is fulfilled as the exchange is made, or by what follows from it. */
  function onSettled(promise) {
    const info = notes.of(promise);
    if (info === undefined || !info.raw || info.used) return;
    let exchange = null;
    if (lastCalled !== null && lastCalled.stretch === stretch) exchange = lastCalled;
    else if (current !== null) exchange = current.waitsFor;
    if (exchange === null || info.calls >= exchange.id || exchange.stretch === info.stretch) return;
    info.used = true;
    info.stretch.fulfilled++;
    if (exchange.fulfills.length < 4) exchange.fulfills.push(info);
  }

  /** Called with an exchange: the oldest promise that led here, if nothing else came of it before. */
  function unitOf(exchange) {
    exchange.stretch = stretch === null ? beginStretch() : stretch;
    lastCalled = exchange;
    let unit = null;
    for (let info = current; info !== null; info = info.context) {
      if (info.used || info.waitsFor !== null || (info.parent !== null && info.parent.carried)) break;
      info.used = true;
      unit = info;
    }
    if (current !== null) carrierOf(current).carried = true;
    if (unit === null) return;
    unit.stretch.units++;
    exchange.unit = unit;
  }

  /** Known a moment after its end. Of what was handed over together, nearly every piece has led to one exchange. */
  function askedOf(exchange) {
    let wanted = exchange.calledUs;
    if (exchange.unit !== null && exchange.unit.stretch.units > 1)
      wanted = Math.min(wanted, exchange.unit.us);
    for (const { us, stretch: from } of exchange.fulfills) {
      const together = from.fulfilled > 1 && from.fulfilled >= 0.8 * (finishedCount - from.finishedBefore);
      if (together) wanted = Math.min(wanted, us);
    }
    return wanted;
  }

  guarded('promises', () => {
    const hooks = require('v8').promiseHooks;
    hooks.createHook({ init: onInit, before: onBefore, after: onAfter, settled: onSettled });
  })();

  // http -------------------------------------------------------------------------------------------------------------

  const requests = new WeakMap();
  const answers = new WeakMap();

  const created = guarded('http request', (request) => {
    if (requests.has(request)) return;
    const absolute = /^https?:\/\/[^/?#]+/.exec(request.path);
    const host = request.getHeader('host') || request.host || request.socketPath;
    const origin = absolute === null ? originOf(request.protocol, host) : absolute[0];
    requests.set(
      request,
      call(request.method, origin, absolute === null ? origin + request.path : request.path),
    );
    if (request.agent) limitsOfAgent(request.agent);
  });

  // From 22 on a channel says it; before, and where no agent is in between, the first event does.
  channel('http.client.request.created').subscribe((message) => created(message.request));
  const addRequest = http.Agent.prototype.addRequest;
  replace(http.Agent.prototype, 'addRequest', function (...args) {
    created(args[0]);
    return addRequest.apply(this, args);
  });

  const requestEnded = guarded('http start', (request) => {
    const exchange = requests.get(request);
    if (exchange !== undefined) exchange.endedUs = now();
  });
  channel('http.client.request.start').subscribe((message) => requestEnded(message.request));

  const onRequestEvent = guarded('http event', (request, name, value) => {
    if (name === 'socket') created(request);
    const exchange = requests.get(request);
    if (exchange === undefined) return;
    if (name === 'socket') {
      exchange.dispatchedUs = now();
      assign(exchange, value);
    } else if (name === 'response' || name === 'upgrade' || name === 'connect') {
      sentOnReady(exchange);
      exchange.answeredUs = now();
      exchange.status = value.statusCode;
      if (name === 'response') answers.set(value, exchange);
      else finish(exchange);
    } else if (name === 'error') {
      sentOnReady(exchange);
      finish(exchange, (value && (value.code || value.name)) || 'error');
    } else if (name === 'close' && exchange.answeredUs === null) {
      sentOnReady(exchange);
      finish(exchange, 'closed');
    }
  });

  /** Node hands a request to its socket as soon as both are there, in the same turn of the loop. */
  function sentOnReady(exchange) {
    const connection = exchange.connection;
    if (connection === null || connection.readyUs === null) return;
    exchange.connectedUs = Math.max(connection.readyUs, exchange.dispatchedUs);
    exchange.sentUs = Math.max(exchange.connectedUs, exchange.endedUs || 0);
  }

  const EVENTS = new Set(['socket', 'response', 'upgrade', 'connect', 'error', 'close']);
  const requestEmit = http.ClientRequest.prototype.emit;
  replace(http.ClientRequest.prototype, 'emit', function (...args) {
    if (EVENTS.has(args[0])) onRequestEvent(this, args[0], args[1]);
    return requestEmit.apply(this, args);
  });

  const onAnswerEvent = guarded('http answer', (answer, name) => {
    const exchange = answers.get(answer);
    if (exchange === undefined) return;
    if (name === 'end') finish(exchange);
    else if (!answer.complete || name === 'error') finish(exchange, 'aborted');
  });
  const answerEmit = http.IncomingMessage.prototype.emit;
  replace(http.IncomingMessage.prototype, 'emit', function (...args) {
    const name = args[0];
    if (name === 'end' || name === 'close' || name === 'aborted' || name === 'error')
      onAnswerEvent(this, name);
    return answerEmit.apply(this, args);
  });

  // undici -----------------------------------------------------------------------------------------------------------

  const undici = (name, work) => channel(`undici:${name}`).subscribe(guarded(name, work));

  undici('request:create', ({ request }) => {
    const host = String(request.origin)
      .replace(/^\w+:\/\//, '')
      .replace(/\/$/, '');
    const origin = originOf(/^https/.test(String(request.origin)) ? 'https:' : 'http:', host);
    for (const dispatcher of made.splice(0)) limitsOfDispatcher(dispatcher);
    if (dispatching === null || dispatching.created) {
      requests.set(request, call(request.method, origin, origin + request.path));
      return;
    }
    const { exchange } = dispatching;
    dispatching.created = true;
    exchange.origin = origin;
    exchange.url = cleanUrl(origin + request.path);
    requests.set(request, exchange);
  });

  /** The call of `dispatch` that is under way, and those whose pool keeps them in its queue, by their options. */
  let dispatching = null;
  const queued = new WeakMap();

  /** A pool makes the request when it has a connection for it: what was asked is known where it is handed in. */
  function wrapDispatch(prototype) {
    const dispatch = prototype.dispatch;
    replace(prototype, 'dispatch', function (...args) {
      const options = args[0];
      if (
        !options ||
        typeof options !== 'object' ||
        (dispatching !== null && dispatching.options === options)
      ) {
        return dispatch.apply(this, args);
      }
      const outer = dispatching;
      dispatching = handedIn(this, options);
      try {
        return dispatch.apply(this, args);
      } finally {
        if (dispatching !== null && !dispatching.created) keepQueued(dispatching);
        dispatching = outer;
      }
    });
  }

  const handedIn = (dispatcher, options) => guarded('dispatch', handIn)(dispatcher, options) || null;
  function handIn(dispatcher, options) {
    const before = queued.get(options);
    if (before !== undefined && before.length > 0) return before.shift();
    const origin = String(options.origin || originKeptBy(dispatcher) || 'http://unknown');
    const exchange = call(options.method || 'GET', origin, origin + (options.path || ''));
    return { options, exchange, created: false };
  }

  function originKeptBy(dispatcher) {
    const url = keptBy(dispatcher, 'url');
    return url && url.origin;
  }

  function keepQueued(entry) {
    const before = queued.get(entry.options);
    if (before === undefined) queued.set(entry.options, [entry]);
    else before.push(entry);
  }

  /** What undici keeps under a symbol of that description. */
  function keptBy(dispatcher, description) {
    const symbol = Object.getOwnPropertySymbols(dispatcher).find((each) => each.description === description);
    return symbol === undefined ? undefined : dispatcher[symbol];
  }

  /** Sizes of undici's pools, by the names of their symbols: https://github.com/nodejs/undici, lib/core/symbols.js. */
  const dispatchers = new WeakSet();
  function limitsOfDispatcher(dispatcher) {
    if (dispatchers.has(dispatcher)) return;
    dispatchers.add(dispatcher);
    const name = dispatcher.constructor.name;
    const where = sites.get(dispatcher);
    if (name === 'Client') {
      // A pool's clients are made by it, not by the program.
      if (where !== undefined) limit('connections', 'undici Client connections', 1, where);
      if (where !== undefined)
        limit('pipelining', 'undici Client pipelining', keptBy(dispatcher, 'pipelining'), where);
    } else {
      const options = keptBy(dispatcher, 'options') || {};
      limit(
        'connections',
        `undici ${name} connections`,
        keptBy(dispatcher, 'connections') || options.connections,
        where,
      );
    }
  }

  /** Where dispatchers were made: the constructor of every emitter comes through init, as node:domain's patch does. */
  const sites = new WeakMap();
  const emitter = require('events');
  const initEmitter = emitter.init;
  const DISPATCHERS = new Set(['Client', 'Pool', 'BalancedPool', 'RoundRobinPool', 'Agent']);
  emitter.init = function (...args) {
    if (this !== undefined && this.constructor && DISPATCHERS.has(this.constructor.name)) sited(this);
    return initEmitter.apply(this, args);
  };
  const sited = guarded('dispatcher', (dispatcher) => {
    if (typeof dispatcher.dispatch !== 'function') return;
    let prototype = Object.getPrototypeOf(dispatcher);
    while (!Object.hasOwn(prototype, 'dispatch')) prototype = Object.getPrototypeOf(prototype);
    if (!wrapped.has(prototype)) {
      wrapped.add(prototype);
      wrapDispatch(prototype);
    }
    const site = siteHere();
    if (site !== undefined && !site.includes('/undici/')) sites.set(dispatcher, site);
    made.push(dispatcher);
    if (made.length > 100) made.shift();
  });
  const wrapped = new WeakSet();
  /** Dispatchers whose limits are read when the first request is made. */
  const made = [];

  undici('client:sendHeaders', ({ request, socket }) => {
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
  });

  undici('request:headers', ({ request, response }) => {
    const exchange = requests.get(request);
    if (exchange === undefined || exchange.answeredUs !== null) return;
    exchange.answeredUs = now();
    exchange.status = response.statusCode;
  });

  undici('request:trailers', ({ request }) => {
    const exchange = requests.get(request);
    if (exchange !== undefined) finish(exchange);
  });

  undici('request:error', ({ request, error }) => {
    const exchange = requests.get(request);
    if (exchange !== undefined) finish(exchange, (error && (error.code || error.name)) || 'error');
  });

  // http2 ------------------------------------------------------------------------------------------------------------

  const sessions = new WeakMap();

  function streamsOf(session) {
    const known = sessions.get(session);
    if (known !== undefined) return known;
    const made = { active: 0, waiting: [], stands: false };
    sessions.set(session, made);
    session.prependListener(
      'remoteSettings',
      guarded('http2 settings', () => admit(session)),
    );
    return made;
  }

  /** nghttp2 keeps back the streams that the server does not allow yet; that is not told, but can be counted. */
  function admit(session) {
    const streams = streamsOf(session);
    const settings = session.remoteSettings;
    const most =
      settings && settings.maxConcurrentStreams !== undefined ? settings.maxConcurrentStreams : Infinity;
    if (most !== Infinity && most < 2 ** 31)
      limit('streams', 'http2 maxConcurrentStreams', most, 'the server');
    while (streams.waiting.length > 0 && streams.active < most) {
      const exchange = streams.waiting.shift();
      streams.active++;
      exchange.admitted = true;
      // Until it stands, a session's opening is all that is waited for.
      exchange.dispatchedUs = streams.stands ? Math.max(exchange.calledUs, now()) : exchange.calledUs;
      const ready = exchange.connection === null ? null : exchange.connection.readyUs;
      exchange.connectedUs = ready === null ? null : Math.max(ready, exchange.dispatchedUs);
      exchange.sentUs = exchange.connectedUs;
    }
    streams.stands = true;
  }

  const onStream = guarded('http2 stream', (session, stream, headers) => {
    if (isOfUndici(session)) return;
    const origin =
      session.originSet && session.originSet[0]
        ? session.originSet[0]
        : originOf(session.encrypted === false ? 'http:' : 'https:', headers[':authority'] || 'unknown');
    const exchange = call(headers[':method'] || 'GET', origin, origin + (headers[':path'] || '/'));
    const streams = streamsOf(session);
    exchange.estimated = ['dispatchedUs', 'sentUs'];
    const attach = () => {
      const socket =
        session[Object.getOwnPropertySymbols(session).find((symbol) => symbol.description === 'socket')];
      if (!socket || exchange.connection !== null) return;
      assign(exchange, socket);
      exchange.connection.protocol = 'h2';
    };
    attach();
    streams.waiting.push(exchange);
    if (session.connecting) {
      session.prependOnceListener(
        'connect',
        guarded('http2 connect', () => admit(session)),
      );
    } else admit(session);
    const done = (failure) => {
      const at = streams.waiting.indexOf(exchange);
      if (at >= 0) streams.waiting.splice(at, 1);
      if (exchange.admitted) streams.active--;
      finish(exchange, failure);
      admit(session);
    };
    const emit = stream.emit;
    stream.emit = function (...args) {
      if (args[0] === 'response') answered(args[1]);
      else if (args[0] === 'close') closed(this);
      return emit.apply(this, args);
    };
    Object.defineProperty(stream, 'emit', { enumerable: false });
    const answered = guarded('http2 response', (fields) => {
      attach();
      if (!exchange.admitted) admit(session);
      exchange.answeredUs = now();
      exchange.status = fields[':status'];
    });
    const closed = guarded('http2 close', (ended) => {
      done(exchange.answeredUs === null || ended.rstCode ? `rst ${ended.rstCode}` : undefined);
    });
  });

  /** undici's own sessions come through its channels. */
  const isOfUndici = (session) =>
    Object.getOwnPropertySymbols(session).some((symbol) => symbol.description === 'open streams');

  /** Before 22 no channel tells of a stream, so http2 is loaded, and its sessions get another `request`. */
  function wrapHttp2() {
    const http2 = require('http2');
    const watched = Symbol('watched by abreast');
    const connectHttp2 = http2.connect;
    replace(http2, 'connect', function (...args) {
      const session = connectHttp2.apply(this, args);
      wrapSession(session);
      return session;
    });
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
  }

  if (major < 22) guarded('http2', wrapHttp2)();
  else
    channel('http2.client.stream.created').subscribe(({ stream, headers }) =>
      onStream(stream.session, stream, headers),
    );

  // Children ---------------------------------------------------------------------------------------------------------

  /** Calls that hold the loop until a child has ended. */
  const children = require('child_process');
  for (const name of ['execSync', 'execFileSync', 'spawnSync']) {
    const original = children[name];
    replace(children, name, function (...args) {
      const fromUs = now();
      const stack = guarded('stack', stackHere)();
      try {
        return original.apply(this, args);
      } finally {
        childBlocks.push({ fromUs, toUs: now() });
        if (childBlocks.length > 100) childBlocks.shift();
        write({
          kind: 'block',
          pid,
          thread,
          fromUs,
          toUs: now(),
          wait: { kind: 'child', call: 'child process' },
          stack,
        });
      }
    });
  }
  const childBlocks = [];

  // Loop -------------------------------------------------------------------------------------------------------------

  const TURN_MS = 20;
  const BLOCKED_MS = 50;
  /** Written at once, for programs that will be killed. */
  const LONG_MS = 1000;
  const SAMPLE_US = 5000;
  /** To start the profiler takes tens of milliseconds: it is done at the first exchange, and then once a minute. */
  const ROTATE_TURNS = 3000;
  let loop = null;

  /** Looks at the loop's turns from the first exchange on: one that comes late was held up, by what the samples say. */
  function watchLoop() {
    if (loop !== null) return;
    const profiler = startProfiler();
    loop = {
      lastUs: now(),
      cpu: process.cpuUsage(),
      profiler,
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
      if (loop.profiler !== null) loop.profiler.post('Profiler.start');
    }
    flush();
    loop.lastUs = now();
    loop.cpu = process.cpuUsage();
  });

  function blocked(fromUs, toUs) {
    if (childBlocks.some((child) => child.fromUs < toUs && child.toUs > fromUs)) return;
    const used = process.cpuUsage(loop.cpu);
    // A tenth: others may want the processor as well, and who sleeps uses none.
    const busy = used.user + used.system > (toUs - fromUs) / 10;
    const wait = busy ? { kind: 'cpu', call: 'cpu' } : { kind: 'other', call: 'loop' };
    loop.blocks.push({ kind: 'block', pid, thread, fromUs, toUs, wait });
  }

  /** Ends the profile, and writes the blocks that it covers with the stacks that were sampled in them. */
  function writeBlocks() {
    const profile = stopProfiler();
    const samples = profile === null || loop.blocks.length === 0 ? null : samplesOf(profile);
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

  function startProfiler() {
    try {
      const Session = require('inspector').Session;
      const session = new Session();
      session.connect();
      session.post('Profiler.enable');
      session.post('Profiler.setSamplingInterval', { interval: SAMPLE_US });
      session.post('Profiler.start');
      return session;
    } catch (error) {
      return null;
    }
  }

  function stopProfiler() {
    let profile = null;
    if (loop.profiler !== null) {
      loop.profiler.post('Profiler.stop', (error, result) => {
        if (!error) profile = result.profile;
      });
    }
    return profile;
  }

  /** The samples with their times in the trace's clock, and the tree of calls that they point into. */
  function samplesOf(profile) {
    const offsetUs = zeroMs * 1000 + performanceOriginUs();
    const parents = new Map();
    const nodes = new Map();
    for (const node of profile.nodes) {
      nodes.set(node.id, node);
      for (const child of node.children || []) parents.set(child, node.id);
    }
    const times = [];
    let at = profile.startTime - offsetUs;
    for (const delta of profile.timeDeltas) {
      at += delta;
      times.push(at);
    }
    return { nodes, parents, times, ids: profile.samples };
  }

  /** The stack that most samples of a time were in. Lines of callers are those where their functions begin. */
  function heaviest(samples, fromUs, toUs) {
    const counts = new Map();
    for (let index = firstAfter(samples.times, fromUs); index < samples.ids.length; index++) {
      if (samples.times[index] > toUs) break;
      const { id, callFrame } = samples.nodes.get(samples.ids[index]);
      if (!/^\((idle|program|root)\)$/.test(callFrame.functionName))
        counts.set(id, (counts.get(id) || 0) + 1);
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

  // Limits -----------------------------------------------------------------------------------------------------------

  const limits = new Map();
  const agents = new WeakSet();
  const agentSites = new WeakMap();

  function limit(kind, of, size, setAt) {
    if (typeof size !== 'number' || !Number.isFinite(size)) return;
    const key = `${of} ${size} ${setAt}`;
    if (!limits.has(key))
      limits.set(key, setAt === undefined ? { kind, size, of } : { kind, size, of, setAt });
  }

  /** Where an agent was made: its constructor listens to itself. */
  const agentOn = http.Agent.prototype.on;
  replace(http.Agent.prototype, 'on', function (...args) {
    if (args[0] === 'free' && !agentSites.has(this)) agentSites.set(this, guarded('agent', siteHere)());
    return agentOn.apply(this, args);
  });

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

  function limitsOfAgent(agent) {
    if (agents.has(agent)) return;
    agents.add(agent);
    const where = agentSites.get(agent);
    const name = agent.defaultPort === 443 ? 'https.Agent' : 'http.Agent';
    limit('connections-per-host', `${name} maxSockets`, agent.maxSockets, where);
    limit('connections', `${name} maxTotalSockets`, agent.maxTotalSockets, where);
    if (agent.keepAlive === false) limit('keep-alive', `${name} keepAlive`, 0, where);
  }

  let limitsWritten = 0;

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

  /** Node's own agents are there before any program, so whoever limits them assigns it: the place, if there is but one. */
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

  // Start ------------------------------------------------------------------------------------------------------------

  process.on(
    'exit',
    guarded('exit', (code) => {
      writeEnded();
      for (const exchange of open) {
        if (exchange.connection !== null) {
          if (exchange.sentUs === null) sentOnReady(exchange);
          writeConnection(exchange.connection, exchange.socket, exchange.origin);
        }
        writeExchange(exchange);
      }
      if (loop !== null) {
        const at = now();
        if (at - loop.lastUs > (TURN_MS + BLOCKED_MS) * 1000) blocked(loop.lastUs, at);
        writeBlocks();
      }
      const endedUs = now();
      clocks.push([endedUs, wallUs()]);
      if (exchangeCount > 0 || file !== null) write(environment(modules()));
      const { user, system } = process.cpuUsage();
      write({
        kind: 'process',
        pid,
        parent: process.ppid,
        startedUs: 0,
        endedUs,
        exitCode: code,
        cpuUs: user + system,
      });
      write({ kind: 'end', endedUs, exitCode: code, lost, clocks });
      flush();
    }),
  );
}
