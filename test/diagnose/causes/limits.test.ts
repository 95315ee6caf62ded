import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Limit } from '../../../src/trace/index.ts';
import { many, us } from '../example.ts';
import { awaiting, causesIn, environment, idsIn, portions, request, SITE, stack, told } from './example.ts';

const perHost: Limit = {
  kind: 'connections-per-host',
  size: 2,
  of: 'aiohttp connector limit_per_host',
  setAt: '/app/report.py:17',
};
const waitingForConnection = [
  stack(
    1,
    `${SITE}/aiohttp/connector.py:717 aiohttp.connector.BaseConnector._wait_for_available_connection`,
    `${SITE}/aiohttp/client.py:900 aiohttp.client.ClientSession._request`,
    '/app/report.py:11 get',
  ),
  ...many(18, (index) => awaiting(index + 3, 0, 200 * Math.floor((index + 2) / 2), 1)),
];

test('connection-limit: a pool is named with its limit and where it was set, where the waits stand in it', () => {
  const [cause, ...others] = causesIn(portions(20, 2), waitingForConnection, environment([perHost]));
  assert.equal(cause?.id, 'connection-limit');
  assert.equal(cause?.confidence, 'certain');
  assert.match(
    told(cause),
    /At most 2 at a time: aiohttp connector limit_per_host is 2, set at report\.py:17/,
  );
  assert.deepEqual(cause.evidence[0], { kind: 'limit', limit: perHost });
  assert.deepEqual(cause.places.map(({ file, line, own }) => [file, line, own]).slice(0, 1), [
    ['/app/report.py', 17, true],
  ]);
  assert.ok(cause.share > 0.8);
  assert.deepEqual(others, []);
});

test('connection-limit: a plateau as high as a limit is likely its doing, a limit of another size is not', () => {
  const maxSockets: Limit = {
    kind: 'connections-per-host',
    size: 2,
    of: 'http.Agent maxSockets',
    setAt: '/app/get.js:3',
  };
  assert.equal(causesIn(portions(20, 2), environment([maxSockets]))[0]?.confidence, 'likely');
  assert.deepEqual(idsIn(portions(20, 2), environment([{ ...maxSockets, size: 5 }])), ['unexplained']);
});

test('connection-limit: the module that set a limit is named', () => {
  const where = '/app/node_modules/polite-agent/index.cjs:6';
  const modules = [{ name: 'polite-agent', version: '1.0.0', where: '/app/node_modules/polite-agent' }];
  const set = environment(
    [{ kind: 'connections-per-host', size: 2, of: 'http.Agent maxSockets', setAt: where }],
    { modules },
  );
  assert.match(
    told(causesIn(portions(20, 2), set)[0]!),
    /maxSockets is 2, set by polite-agent 1\.0\.0 at polite-agent\/index\.cjs:6/,
  );
});

test('connection-limit: a pool that does not block is no limit', () => {
  const limits: Limit[] = [{ kind: 'connections', size: 2, of: 'urllib3 pool_maxsize', blocks: false }];
  assert.deepEqual(idsIn(portions(20, 2), environment(limits)), ['unexplained']);
});

test('requests that overlap have no cause, whatever limits there are', () => {
  assert.deepEqual(idsIn(portions(20, 20), environment([{ ...perHost, size: 20 }])), []);
});

test('unread-bodies: slots that are never given back are no limit that is too small', () => {
  const unread = many(20, (index) =>
    index < 4
      ? request(index + 1, { wanted: 0, answered: 100, read: 100 }, { readUs: null })
      : request(
          index + 1,
          { wanted: 0, read: 0 },
          {
            dispatchedUs: null,
            connectedUs: null,
            sentUs: null,
            answeredUs: null,
            readUs: null,
            connection: null,
          },
        ),
  );
  const end = { kind: 'end', endedUs: us(3_000), lost: {} } as const;
  const pool = environment([
    { kind: 'connections', size: 4, of: 'undici Agent connections', setAt: '/app/report.js:5' },
  ]);
  assert.equal(idsIn(unread, end, pool)[0], 'unread-bodies');
  assert.ok(!idsIn(unread, end, pool).includes('connection-limit'));
});

test('connection-limit: as many in flight as a pool allows is likely its doing, where nobody saw them let go', () => {
  const late = many(20, (index) => {
    const sent = 200 * Math.floor(index / 4);
    return request(index + 1, { wanted: 0, dispatched: 0, connected: sent, read: sent + 200 });
  });
  const pool = (size: number) => environment([{ kind: 'connections', size, of: 'undici Agent connections' }]);
  const [cause] = causesIn(late, pool(4));
  assert.deepEqual([cause?.id, cause?.confidence], ['connection-limit', 'likely']);
  assert.match(told(cause), /At most 4 at a time: undici Agent connections is 4\. Up to 16 others waited/);
  assert.ok(!idsIn(late, pool(8)).includes('connection-limit'));
});

test('a limit is not hidden by those that count twice for a moment, as one ends and the next is let go', () => {
  const limit = { kind: 'connections-per-host', size: 2, of: 'pycurl M_MAX_HOST_CONNECTIONS' } as const;
  const handedOn = portions(20, 2).map((one) => ({
    ...one,
    dispatchedUs: Math.max(0, one.dispatchedUs! - 2_000),
  }));
  const [cause] = causesIn(handedOn, environment([limit]));
  assert.equal(cause?.id, 'connection-limit');
  assert.match(told(cause), /At most 2 at a time/);
});
