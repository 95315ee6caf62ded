import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { type TestContext, test } from 'node:test';
import { postTable } from '../../../src/report/dump/webhook.ts';
import type { Field, Template } from '../../../src/report/report.ts';
import { opened, query, STARTED } from '../crunch/open.ts';

/** A server that answers with these statuses, one after the other, and what it was sent. */
async function listening(t: TestContext, statuses: readonly number[]) {
  const seen: { readonly headers: IncomingHttpHeaders; readonly body: string }[] = [];
  const server = createServer(async (request, response) => {
    seen.push({ headers: request.headers, body: await text(request) });
    response.writeHead(statuses[seen.length - 1] ?? 200).end();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => server.close());
  return { seen, origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
}

function template(value: string): Template {
  return { place: { line: 1, column: 1 }, text: '${HOOK}', parts: [{ variable: 'HOOK', value }] };
}

async function posting(
  t: TestContext,
  origin: string,
  sql = "select 'a' as host, 1.5 as p99",
  headers: Field[] = [{ name: 'authorization', value: template('Bearer abc') }],
) {
  const { tables, report } = await opened(t);
  await tables.query(query('slow', sql));
  const to = {
    kind: 'webhook',
    url: template(`${origin}/services/SECRET`),
    headers,
  } as const;
  return postTable(tables.database, 'slow', to, { report, startedAt: STARTED, pauseMs: 1 });
}

test('a webhook is sent the table as JSON, and a text that a chat shows', async (t) => {
  const { seen, origin } = await listening(t, []);
  assert.equal(await posting(t, origin), origin);
  assert.equal(seen.length, 1);
  assert.equal(seen[0]!.headers.authorization, 'Bearer abc');
  assert.equal(seen[0]!.headers['content-type'], 'application/json');
  assert.deepEqual(JSON.parse(seen[0]!.body), {
    report: 'health',
    table: 'slow',
    startedAt: '2026-11-22T23:30:05.000Z',
    rows: [{ host: 'a', p99: 1.5 }],
    text: 'health: slow\n\n| host | p99 |\n| --- | ---: |\n| a | 1.5 |\n',
  });
});

test("the login of a webhook's address is sent, and is in no message", async (t) => {
  const { seen, origin } = await listening(t, [204, 404]);
  const login = () => posting(t, origin.replace('//', '//joe:hunter2@'), undefined, []);
  assert.equal(await login(), origin);
  assert.equal(seen[0]!.headers.authorization, `Basic ${Buffer.from('joe:hunter2').toString('base64')}`);
  await assert.rejects(login(), { message: `the POST to ${origin} failed: it answered 404` });
});

test('what fails for the moment is tried three times, what is refused once; the path is not told', async (t) => {
  const brief = await listening(t, [503, 429]);
  await posting(t, brief.origin);
  assert.equal(brief.seen.length, 3);
  const down = await listening(t, [500, 500, 500]);
  await assert.rejects(posting(t, down.origin), {
    message: `the POST to ${down.origin} failed, 3 times: it answered 500`,
  });
  const refusing = await listening(t, [404]);
  await assert.rejects(posting(t, refusing.origin), {
    message: `the POST to ${refusing.origin} failed: it answered 404`,
  });
  assert.equal(refusing.seen.length, 1);
  await assert.rejects(posting(t, 'http://127.0.0.1:9'), (error: Error) => {
    assert.ok(!error.message.includes('SECRET'), error.message);
    return /failed, 3 times: .*ECONNREFUSED|failed, 3 times: bad port/.test(error.message);
  });
});

test('a table that is no message is not sent', async (t) => {
  const { seen, origin } = await listening(t, []);
  await assert.rejects(
    posting(t, origin, 'from range(10001)'),
    /'slow' has 10001 rows, and a POST takes at most 10000: dump it to a file/,
  );
  assert.equal(seen.length, 0);
});
