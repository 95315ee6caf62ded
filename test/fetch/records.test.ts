import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Connection, Exchange } from '../../src/trace/index.ts';
import { freePort } from '../servers/index.ts';
import { bareServer, fetchAll, OK, type Ran, testServer, times } from './servers.ts';

const insecure = { tls: { insecure: true } };

/** A run with good answers, redirects, retries, failures, and connections that were closed. */
async function mixed(t: Parameters<typeof testServer>[0], protocol: 'http/1.1' | 'h2'): Promise<Ran> {
  const server = await testServer(t);
  const closing = await bareServer(t, (socket) => socket.once('data', () => socket.end(OK)));
  const nobody = `http://127.0.0.1:${await freePort()}`;
  const base = server.httpsUrl!;
  const paths = [
    '/get',
    '/redirect/2',
    '/fault/503?times=1',
    '/fault/cut-body',
    '/fault/reset-connection',
    '/delay/0.1',
  ];
  const urls = [...paths.flatMap((path) => times(6, () => base + path)), nobody, 'no url', closing, closing];
  return fetchAll(urls, { ...insecure, protocol, concurrency: 8, retries: 1 });
}

function inOrder(what: string, steps: readonly (number | null | undefined)[]): void {
  const known = steps.filter((step) => typeof step === 'number');
  assert.deepEqual(
    known,
    known.toSorted((a, b) => a - b),
    what,
  );
  for (const step of known) assert.ok(Number.isInteger(step) && step >= 0, what);
}

function assertWhole(records: readonly { readonly id: number }[]): void {
  assert.equal(new Set(records.map(({ id }) => id)).size, records.length, 'ids are unique');
}

for (const protocol of ['http/1.1', 'h2'] as const) {
  test(`the steps of every exchange are in order, over ${protocol}`, async (t) => {
    const { exchanges, connections } = await mixed(t, protocol);
    const byId = new Map(connections.map((connection) => [connection.id, connection]));
    assertWhole(exchanges);
    assertWhole(connections);
    for (const exchange of exchanges) {
      const { wantedUs, calledUs, dispatchedUs, connectedUs, sentUs, answeredUs, readUs, failedUs } =
        exchange;
      const steps = [wantedUs, calledUs, dispatchedUs, connectedUs, sentUs, answeredUs, readUs ?? failedUs];
      inOrder(JSON.stringify(exchange), steps);
      assertEnd(exchange);
      if (exchange.connection !== null && exchange.connection !== undefined) {
        const connection = byId.get(exchange.connection)!;
        assert.equal(connection.origin, exchange.origin);
        inOrder('connected before it is used', [connection.tlsDoneUs ?? connection.connectedUs, connectedUs]);
      }
    }
  });

  test(`connections are recorded once, in order, with when they closed, over ${protocol}`, async (t) => {
    const { connections, closed, exchanges } = await mixed(t, protocol);
    assert.ok(closed.length > 0);
    assertWhole(closed);
    for (const connection of connections) {
      assertSteps(connection);
      const atUs = closed.find(({ id }) => id === connection.id)?.atUs;
      inOrder('closed after it stood', [connection.connectedUs, atUs]);
      const ordinals = exchanges
        .filter((exchange) => exchange.connection === connection.id)
        .map((e) => e.ordinal!);
      assert.deepEqual(
        ordinals.toSorted((a, b) => a - b),
        times(ordinals.length, (i) => i),
      );
    }
  });

  test(`each request has its attempts and redirects, and ends as its result, over ${protocol}`, async (t) => {
    const { exchanges, results } = await mixed(t, protocol);
    for (const result of results) {
      const own = exchanges.filter(({ request }) => request === result.index);
      if (result.error?.code === 'bad-url') {
        assert.equal(own.length, 0);
        continue;
      }
      assert.equal(own[0]!.because, 'first');
      assert.equal(own.at(-1)!.status, result.status);
      assert.equal(own.at(-1)!.error, result.error?.code ?? null);
      assert.equal(own.filter(({ because }) => because !== 'redirect').length, result.attempts);
      assert.equal(own.at(-1)!.bytesDown, result.bytes);
      const redirects = own.filter(({ because }) => because === 'redirect').length;
      if (result.url.endsWith('/redirect/2')) assert.equal(redirects, 2);
      for (const [i, exchange] of own.entries())
        if (i > 0)
          inOrder('asked after the one before', [
            own[i - 1]!.readUs ?? own[i - 1]!.failedUs,
            exchange.wantedUs,
          ]);
    }
  });
}

function assertEnd({ error, readUs, failedUs, status }: Exchange): void {
  if (error === null) {
    assert.equal(typeof readUs, 'number');
    assert.equal(typeof status, 'number');
    assert.equal(failedUs, undefined);
  } else {
    assert.equal(typeof failedUs, 'number');
    assert.equal(readUs, null);
  }
}

function assertSteps(connection: Connection): void {
  const { dnsFromUs, dnsToUs, connectingUs, connectedUs, tlsStartUs, tlsDoneUs } = connection;
  inOrder(JSON.stringify(connection), [dnsFromUs, dnsToUs, connectingUs, connectedUs, tlsStartUs, tlsDoneUs]);
  assert.equal(typeof tlsDoneUs, connection.origin.startsWith('https:') ? 'number' : 'object');
  assert.match(connection.remote!, /^127\.0\.0\.1:\d+$/);
}

test('a request that was never sent has no step past dispatched, and says why', async () => {
  const { exchanges } = await fetchAll([`http://127.0.0.1:${await freePort()}`], { retries: 0 });
  const [{ connectedUs, sentUs, answeredUs, readUs, connection, error }] = exchanges as [Exchange];
  assert.deepEqual([connectedUs, sentUs, answeredUs, readUs, connection], [null, null, null, null, null]);
  assert.equal(error, 'connect-refused');
});
