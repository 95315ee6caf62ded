import { type Exchange, type Protocol, redactUrl, type TraceRecord } from '../../trace/index.ts';
import { epochUs, type HarEntry } from './entry.ts';

/** Makes records of entries, one after the other in the order they were started. */
export class HarEntries {
  /** The last time of all entries so far. */
  lastUs = 0;
  readonly #startedUs: number;
  readonly #stacks = new Map<string, number>();
  readonly #connections = new Map<string, { readonly id: number; count: number }>();
  readonly #redirectedTo = new Set<string>();
  #count = 0;

  constructor(startedUs: number) {
    this.#startedUs = startedUs;
  }

  recordsOf(entry: HarEntry): TraceRecord[] {
    const before: TraceRecord[] = [];
    const { url, method } = entry.request;
    const origin = new URL(url).origin;
    const exchange: Exchange = {
      kind: 'exchange',
      id: this.#count++,
      ...this.#request(entry),
      ...this.#connection(entry, origin, before),
      ...(method !== undefined && { method }),
      origin,
      url: redactUrl(url),
      ...seenOf(this.#times(entry), entry._unseen),
      ...(entry.response._transferSize !== undefined && { bytesDown: entry.response._transferSize }),
      ...this.#stack(entry, before),
    };
    const { redirectURL } = entry.response;
    if (redirectURL && URL.canParse(redirectURL, url)) this.#redirectedTo.add(new URL(redirectURL, url).href);
    return [...before, exchange];
  }

  #request({ request, _request }: HarEntry): Partial<Exchange> {
    const because = this.#redirectedTo.delete(request.url) ? 'redirect' : 'first';
    if (_request === undefined) return { because };
    return { request: _request.id, attempt: _request.attempt, because: _request.because };
  }

  #times(entry: HarEntry): Partial<Exchange> {
    const { blocked, dns, connect, send, _unsent, wait, receive } = entry.timings;
    const wantedUs = epochUs(entry.startedDateTime) - this.#startedUs;
    const dispatchedUs = wantedUs + us(blocked);
    const connectedUs = dispatchedUs + us(dns) + us(connect);
    const sentUs = connectedUs + us(_unsent);
    const answeredUs = connectedUs + us(send) + us(wait);
    const readUs = answeredUs + us(receive);
    const { status = 0, _error } = entry.response;
    const failed = _error !== undefined || (status === 0 && !entry._unseen.includes('status'));
    const endUs = failed ? Math.max(readUs, wantedUs + us(entry.time)) : readUs;
    this.lastUs = Math.max(this.lastUs, endUs);
    const steps = { wantedUs, dispatchedUs, connectedUs };
    if (!failed) return { ...steps, sentUs, answeredUs, readUs, status, error: null };
    return {
      ...steps,
      sentUs: us(send) + us(wait) > us(_unsent) ? sentUs : null,
      answeredUs: null,
      readUs: null,
      failedUs: endUs,
      status: null,
      error: _error ?? 'failed',
    };
  }

  #connection(entry: HarEntry, origin: string, records: TraceRecord[]): Partial<Exchange> {
    const name = entry.connection;
    // Firefox writes the server's port there, which is no connection.
    if (!name || name === (new URL(origin).port || (origin.startsWith('https') ? '443' : '80'))) return {};
    let connection = this.#connections.get(name);
    if (connection === undefined) {
      connection = { id: this.#connections.size, count: 0 };
      this.#connections.set(name, connection);
      records.push({ kind: 'connection', id: connection.id, origin, protocol: protocolOf(entry) });
    }
    return { connection: connection.id, ordinal: connection.count++ };
  }

  #stack({ _initiator }: HarEntry, records: TraceRecord[]): Partial<Exchange> {
    const frames = _initiator?.stack.callFrames.map(({ functionName, url, lineNumber }) => ({
      ...(functionName && { function: functionName }),
      file: redactUrl(url),
      line: lineNumber + 1,
    }));
    if (frames === undefined || frames.length === 0) return {};
    const key = JSON.stringify(frames);
    let id = this.#stacks.get(key);
    if (id === undefined) {
      id = this.#stacks.size;
      this.#stacks.set(key, id);
      records.push({ kind: 'stack', id, frames });
    }
    return { stack: id };
  }
}

/** What is absent was not seen. */
function seenOf(times: Partial<Exchange>, unseen: readonly string[]): Partial<Exchange> {
  if (unseen.length === 0) return times;
  return Object.fromEntries(Object.entries(times).filter(([field]) => !unseen.includes(field)));
}

function us(ms: number | undefined): number {
  return ms === undefined || !(ms > 0) ? 0 : Math.round(ms * 1_000);
}

function protocolOf({ response }: HarEntry): Protocol {
  const version = response.httpVersion?.toLowerCase() ?? '';
  if (/^(h2|http\/2)/.test(version)) return 'h2';
  return version.startsWith('http/1') ? 'http/1.1' : 'opaque';
}
