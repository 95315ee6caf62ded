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
