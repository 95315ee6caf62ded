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
