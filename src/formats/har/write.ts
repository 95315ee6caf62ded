/**
 * A trace as HAR 1.2 (http://www.softwareishard.com/blog/har-12-spec/). The timings of an entry add up to its time: waiting
 * for a slot is `blocked`, and `send` begins when the connection is there, so a thread that was held up before it sent
 * shows in `send`; `_unsent` is that part of it. `_request` says what was sent again, `_unseen` what no recorder saw. Left out: headers and bodies, which no trace has.
 */
import { STATUS_CODES } from 'node:http';
import { isIP } from 'node:net';
import { type Times, timesOf } from '../../diagnose/index.ts';
import type { Connection, Exchange, Stack } from '../../trace/index.ts';
import {
  attemptOf,
  endOf,
  exchangesOf,
  type Recorded,
  type Surroundings,
  surroundingsOf,
} from '../recorded.ts';

/** The text of the file, in pieces. */
export async function* harText(recorded: Recorded, version: string): AsyncGenerator<string> {
  const surroundings = await surroundingsOf(recorded);
  const creator = JSON.stringify({ name: 'abreast', version });
  const comment = JSON.stringify(surroundings.run.command.join(' '));
  yield `{"log":{"version":"1.2","creator":${creator},"comment":${comment},"entries":[\n`;
  let separator = '';
  for await (const batch of exchangesOf(recorded)) {
    let text = '';
    for (const exchange of batch) {
      const entry = entryOf(exchange, surroundings);
      if (entry === undefined) continue;
      text += `${separator}${JSON.stringify(entry)}`;
      separator = ',\n';
    }
    yield text;
  }
  yield '\n]}}\n';
}

/** undefined where no recorder saw any of its times. */
function entryOf(exchange: Exchange, surroundings: Surroundings): object | undefined {
  const times = timesOf(exchange);
  if (times === undefined) return undefined;
  const { run, connections, stacks, redirects } = surroundings;
  const connection = connections.get(exchange.connection ?? -1);
  const { origin, url = `${origin}/`, method = 'GET', status, error, bytesDown, stack } = exchange;
  const timings = timingsOf(times, exchange, connection, surroundings);
  const { blocked, dns, connect, send, wait, receive } = timings;
  const partsUs = [blocked, dns, connect, send, wait, receive].filter((us) => us > 0);
  const httpVersion = VERSIONS[connection?.protocol ?? 'opaque'];
  const address = addressOf(connection);
  return {
    startedDateTime: dateOf(run.startedUs + times.wanted),
    time: ms(partsUs.reduce((sum, us) => sum + us, 0)),
    request: {
      method,
      url,
      httpVersion,
      cookies: [],
      headers: [],
      queryString: queryOf(url),
      headersSize: -1,
      bodySize: -1,
    },
    response: {
      status: status ?? 0,
      statusText: STATUS_CODES[status ?? 0] ?? '',
      httpVersion,
      cookies: [],
      headers: [],
      content: { size: bytesDown ?? -1, mimeType: 'x-unknown' },
      redirectURL: redirects.get(attemptOf(exchange)) ?? '',
      headersSize: -1,
      bodySize: -1,
      ...(bytesDown !== undefined && { _transferSize: bytesDown }),
      ...(typeof error === 'string' && { _error: error }),
    },
    cache: {},
    timings: Object.fromEntries(Object.entries(timings).map(([name, us]) => [name, ms(us)])),
    ...(address !== undefined && { serverIPAddress: address }),
    ...(exchange.connection != null && { connection: `c${exchange.connection}` }),
    ...requestOf(exchange),
    ...unseenOf(exchange),
    ...initiatorOf(stacks.get(stack ?? -1)),
  };
}

const VERSIONS = { 'http/1.1': 'HTTP/1.1', h2: 'HTTP/2', opaque: 'unknown' } as const;

type Timings = Readonly<
  Record<'blocked' | 'dns' | 'connect' | 'ssl' | 'send' | '_unsent' | 'wait' | 'receive', number>
>;

/** In microseconds; -1: did not apply. `ssl` is a part of `connect`, and `_unsent` of `send`. */
function timingsOf(
  times: Times,
  exchange: Exchange,
  connection: Connection | undefined,
  surroundings: Surroundings,
): Timings {
  const end = endOf(times, surroundings);
  const at = (time: number) => Math.min(time, end);
  const openingUs = at(times.connected) - at(times.dispatched);
  const opened = exchange.ordinal === 0 ? connection : undefined;
  const dns = Math.min(openingUs, lengthOf(opened?.dnsFromUs, opened?.dnsToUs));
  const ssl = Math.min(openingUs - Math.max(0, dns), lengthOf(opened?.tlsStartUs, opened?.tlsDoneUs));
  return {
    blocked: at(times.dispatched) - times.wanted,
    dns,
    connect: opened === undefined && openingUs === 0 ? -1 : openingUs - Math.max(0, dns),
    ssl,
    send: at(times.sent) - at(times.connected),
    _unsent: at(times.sent) - at(times.connected),
    wait: at(times.answered) - at(times.sent),
    receive: end - at(times.answered),
  };
}

/** HAR has a time for each step, and a status for each answer. */
function unseenOf(exchange: Exchange): object {
  const unseen = STEPS.filter((step) => exchange[step] === undefined);
  const _unseen = exchange.error == null && exchange.status == null ? [...unseen, 'status'] : unseen;
  return _unseen.length === 0 ? {} : { _unseen };
}

const STEPS = ['wantedUs', 'dispatchedUs', 'connectedUs', 'sentUs', 'answeredUs'] as const;

/** HAR has no word for what is sent again. */
function requestOf({ request: id, attempt, because }: Exchange): object {
  if (id === undefined || attempt === undefined || because === undefined) return {};
  return { _request: { id, attempt, because } };
}

function lengthOf(from: number | null | undefined, to: number | null | undefined): number {
  return from == null || to == null ? -1 : Math.max(0, to - from);
}

function ms(us: number): number {
  return us < 0 ? -1 : us / 1_000;
}

function dateOf(epochUs: number): string {
  const microseconds = String(epochUs % 1_000).padStart(3, '0');
  return new Date(Math.floor(epochUs / 1_000)).toISOString().replace('Z', `${microseconds}Z`);
}

function queryOf(url: string): readonly object[] {
  const query = URL.parse(url)?.searchParams ?? [];
  return [...query].map(([name, value]) => ({ name, value }));
}

function addressOf(connection: Connection | undefined): string | undefined {
  const address = connection?.remote?.replace(/:\d+$/, '').replace(/^\[(.*)\]$/, '$1');
  return address !== undefined && isIP(address) > 0 ? address : undefined;
}

/** As Chrome writes it, whose lines begin with 0. */
function initiatorOf(stack: Stack | undefined): object {
  if (stack === undefined) return {};
  const callFrames = stack.frames.map(({ function: functionName = '', file, line }) => ({
    functionName,
    scriptId: '',
    url: file,
    lineNumber: line - 1,
    columnNumber: 0,
  }));
  return { _initiator: { type: 'script', stack: { callFrames } } };
}
