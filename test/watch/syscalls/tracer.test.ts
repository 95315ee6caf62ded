import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TraceRecord } from '../../../src/trace/index.ts';
import { readStrace } from '../../../src/watch/recorders/syscalls/index.ts';
import { hello, ip, quote, Script } from './script.ts';

const REQUEST = 'GET /a?token=abc HTTP/1.1\r\nHost: one.test\r\n\r\n';
const ANSWER = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok';

function of<Kind extends TraceRecord['kind']>(
  kind: Kind,
  script: Script,
): Extract<TraceRecord, { kind: Kind }>[] {
  return readStrace(script.text).records.filter((each) => each.kind === kind) as never;
}

test('an exchange in the clear has its method, URL without secrets, status and times', () => {
  const script = new Script().connect(3, 80).send(3, REQUEST).wait(20).receive(3, ANSWER).close(3);
  const [exchange] = of('exchange', script);
  assert.equal(exchange?.url, 'http://one.test/a?token=***');
  assert.equal(exchange.method, 'GET');
  assert.equal(exchange.status, 200);
  assert.ok(exchange.answeredUs! - exchange.sentUs! >= 20_000);
  assert.equal(exchange.bytesUp, REQUEST.length);
  assert.equal(exchange.bytesDown, ANSWER.length);
});

test('nothing of what was sent or received gets into a record', () => {
  const secret = 'hunter2-hunter2';
  const request = `GET / HTTP/1.1\r\nHost: one.test\r\nCookie: ${secret}\r\n\r\n`;
  const answer = `HTTP/1.1 200 OK\r\nSet-Cookie: ${secret}\r\nContent-Length: 15\r\n\r\n${secret}`;
  const { records } = readStrace(
    new Script().connect(3, 80).send(3, request).receive(3, answer).close(3).text,
  );
  assert.ok(records.length > 2);
  assert.ok(!JSON.stringify(records).includes(secret));
});

test('pipelined requests are exchanges that overlap, each with its own answer', () => {
  const script = new Script()
    .connect(3, 80)
    .send(3, REQUEST + REQUEST.replace('/a', '/b'))
    .wait(10);
  script.receive(3, ANSWER).wait(10).receive(3, ANSWER.replace('200', '404')).close(3);
  const found = of('exchange', script);
  assert.deepEqual(
    found.map((each) => [each.url, each.status]),
    [
      ['http://one.test/a?token=***', 200],
      ['http://one.test/b?token=***', 404],
    ],
  );
  assert.equal(found[0]!.sentUs, found[1]!.sentUs);
  assert.ok(found[1]!.readUs! - found[0]!.readUs! >= 10_000);
});

test('a chunked answer ends with its last chunk, however it is cut', () => {
  const answer = 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n';
  for (let cut = 1; cut < answer.length; cut++) {
    const script = new Script().connect(3, 80).send(3, REQUEST).receive(3, answer.slice(0, cut)).wait(5);
    const ended = script.receive(3, answer.slice(cut)).wait(100).close(3);
    const [exchange, ...more] = of('exchange', ended);
    assert.equal(more.length, 0);
    assert.ok(exchange!.readUs! - exchange!.sentUs! < 50_000, `cut at ${cut}`);
  }
});

test('an interim answer is not the answer', () => {
  const script = new Script()
    .connect(3, 80)
    .send(3, REQUEST)
    .receive(3, 'HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n');
  const [exchange] = of('exchange', script.wait(30).receive(3, ANSWER).close(3));
  assert.equal(exchange?.status, 200);
  assert.ok(exchange.answeredUs! - exchange.sentUs! >= 30_000);
});

test('one that is never answered ends with its connection, or not at all', () => {
  const script = new Script().connect(3, 80).send(3, REQUEST).wait(5);
  assert.equal(of('exchange', script)[0]?.readUs, null);
  script
    .call('recvfrom(3, 0x7ffe, 65536, 0, NULL, NULL)', '-1 ECONNRESET (Connection reset by peer)')
    .close(3);
  const [failed] = of('exchange', script);
  assert.equal(failed?.error, 'ECONNRESET');
  assert.ok(failed.failedUs! > failed.sentUs!);
});

test('a tunnel through a proxy leads to the origin in the CONNECT request', () => {
  const script = new Script()
    .connect(3, 3128)
    .send(3, 'CONNECT one.test:443 HTTP/1.1\r\nHost: one.test:443\r\n\r\n')
    .receive(3, 'HTTP/1.1 200 Connection established\r\n\r\n')
    .send(3, [22, 3, 1, 0, 4, 1, 0, 0, 0])
    .close(3);
  assert.equal(of('exchange', script).length, 0);
  const [connection] = of('connection', script);
  assert.equal(connection?.origin, 'https://one.test');
  assert.equal(connection.remote, '10.0.0.1:3128');
});

test('HTTP/2 with prior knowledge is said to be HTTP/2, and not counted', () => {
  const script = new Script()
    .connect(3, 80)
    .send(3, 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n')
    .receive(3, 'xxxxxxxxx')
    .close(3);
  assert.equal(of('connection', script)[0]?.protocol, 'h2');
  assert.equal(of('exchange', script).length, 0);
});

test('other protocols are connections without exchanges', () => {
  const database = new Script()
    .connect(3, 3306)
    .receive(3, '\x4a\x00\x00\x00\x0a8.0')
    .send(3, 'login')
    .close(3);
  assert.equal(of('connection', database)[0]?.protocol, 'opaque');
  assert.equal(of('exchange', database).length, 0);
});

test('the halves of calls that threads make at the same time are put together', () => {
  const script = new Script();
  script.connect(3, 80).call('clone(child_stack=0x1, flags=CLONE_VM|CLONE_FILES|CLONE_THREAD)', 101);
  script.begin(`sendto(3, ${quote(REQUEST)}, ${REQUEST.length}, MSG_NOSIGNAL, NULL, 0`);
  script.thread = 101;
  script.wait(10).receive(3, ANSWER);
  script.thread = 100;
  script.finish('sendto', '', REQUEST.length).close(3);
  const [exchange, ...more] = of('exchange', script);
  assert.equal(more.length, 0);
  assert.equal(exchange?.thread, 100);
  assert.ok(exchange.readUs! > exchange.sentUs!);
});

test('a descriptor is free when its close begins: another thread may have it before the close returns', () => {
  const script = new Script().connect(3, 80).send(3, REQUEST).receive(3, ANSWER);
  script.call('clone(child_stack=0x1, flags=CLONE_VM|CLONE_FILES|CLONE_THREAD)', 101);
  script.begin('close(3');
  script.thread = 101;
  script.connect(3, 80).send(3, REQUEST);
  script.thread = 100;
  script.finish('close', '', 0);
  script.thread = 101;
  script.receive(3, ANSWER).close(3);
  assert.deepEqual(
    of('exchange', script).map((each) => [each.connection, each.ordinal, each.readUs === null]),
    [
      [1, 0, false],
      [2, 0, false],
    ],
  );
});

test('a duplicate keeps a connection open, close-on-exec closes it, a child inherits the rest', () => {
  const script = new Script()
    .connect(3, 80)
    .call('fcntl(3, F_DUPFD_CLOEXEC, 7)', 7)
    .close(3)
    .send(7, REQUEST);
  assert.equal(of('connectionClosed', script).length, 0);
  script.call(`execve(${quote('/bin/x')}, [${quote('x')}], 0x1 /* 9 vars */)`, 0);
  assert.equal(of('connectionClosed', script).length, 1);

  const parent = new Script().call('socket(AF_INET, SOCK_STREAM, IPPROTO_TCP)', 4);
  parent.call('clone(child_stack=NULL, flags=CLONE_CHILD_SETTID|SIGCHLD)', 200).close(4);
  parent.thread = 200;
  parent
    .call(`connect(4, {sa_family=AF_INET, sin_port=htons(80), ${ip('10.0.0.1')}}, 16)`, 0)
    .send(4, REQUEST);
  parent.receive(4, ANSWER).close(4);
  assert.deepEqual(
    of('exchange', parent).map((each) => each.pid),
    [200],
  );
});

test('processes have their parents, arguments without secrets, and exit codes', () => {
  const script = new Script().call(`execve(${quote('/bin/sh')}, [${quote('sh')}], 0x1 /* 9 vars */)`, 0);
  script.begin('vfork(');
  script.thread = 101;
  const argument = (text: string): string => quote(text);
  script.call(
    `execve(${argument('/c')}, [${['curl', '-u', 'me:pw'].map(argument).join(', ')}], 0x1 /* 9 */)`,
    0,
  );
  script.wait(20).exit(7);
  script.thread = 100;
  script.finish('vfork', '', 101).exit(0);
  assert.deepEqual(
    of('process', script).map(({ pid, parent, argv, exitCode }) => ({ pid, parent, argv, exitCode })),
    [
      { pid: 101, parent: 100, argv: ['curl', '-u', '***'], exitCode: 7 },
      { pid: 100, parent: undefined, argv: ['sh'], exitCode: 0 },
    ],
  );
});

test('waits say what for: one socket, a child, a name', () => {
  const script = new Script().connect(3, 80).send(3, REQUEST);
  script.call('poll([{fd=3, events=POLLIN}], 1, -1)', '1 ([{fd=3, revents=POLLIN}])', 300).receive(3, ANSWER);
  script.call('socket(AF_INET, SOCK_DGRAM, IPPROTO_IP)', 4);
  script.call(`connect(4, {sa_family=AF_INET, sin_port=htons(53), ${ip('10.0.0.2')}}, 16)`, 0);
  script.call('poll([{fd=4, events=POLLIN}], 1, 5000)', '0 (Timeout)', 5000);
  script.call('wait4(-1, NULL, 0, NULL)', 9, 50);
  assert.deepEqual(
    of('block', script).map(({ wait, toUs, fromUs }) => [
      wait.call,
      wait.descriptors,
      wait.connections,
      toUs - fromUs,
    ]),
    [
      ['poll', 1, [1], 300_000],
      ['getaddrinfo', undefined, undefined, 5_000_000],
      ['wait', undefined, undefined, 50_000],
    ],
  );
});

test('a select or a poll of nothing is a sleep', () => {
  const script = new Script().connect(3, 80).send(3, REQUEST);
  script.call('select(0, NULL, NULL, NULL, {tv_sec=0, tv_usec=100000})', '0 (Timeout)', 100);
  script.call('pselect6(4, [3], NULL, NULL, {tv_sec=0, tv_nsec=1}, NULL)', '1 (in [3])', 100);
  script.call('poll(NULL, 0, 100)', '0 (Timeout)', 100);
  assert.deepEqual(
    of('block', script).map(({ wait: { kind, call } }) => [kind, call]),
    [
      ['sleep', 'sleep'],
      ['poll', 'select'],
      ['sleep', 'sleep'],
    ],
  );
});

test('the first send of TCP Fast Open connects, and is the request where the kernel takes it', () => {
  const to = `{sa_family=AF_INET, sin_port=htons(80), ${ip('10.0.0.1')}}, 16`;
  const open = (fd: number) => `sendto(${fd}, ${quote(REQUEST)}, ${REQUEST.length}, MSG_FASTOPEN, ${to})`;
  const script = new Script().call('socket(AF_INET, SOCK_STREAM, IPPROTO_TCP)', 3);
  script.call(open(3), '-1 EINPROGRESS (Operation now in progress)').send(3, REQUEST).receive(3, ANSWER);
  script.call('socket(AF_INET, SOCK_STREAM, IPPROTO_TCP)', 4);
  script.call(open(4), REQUEST.length).receive(4, ANSWER);
  assert.deepEqual(
    of('exchange', script).map(({ status, connection, origin }) => [status, connection, origin]),
    [
      [200, 1, 'http://one.test'],
      [200, 2, 'http://one.test'],
    ],
  );
});

test('what the kernel had reported and the program left lying is said', () => {
  const script = new Script()
    .call('epoll_create1(EPOLL_CLOEXEC)', 9)
    .connect(3, 80)
    .send(3, REQUEST)
    .connect(4, 80);
  script.call('epoll_ctl(9, EPOLL_CTL_ADD, 3, {events=EPOLLIN, data={u32=77, u64=77}})', 0);
  script
    .call('epoll_wait(9, [{events=EPOLLIN, data={u32=77, u64=77}}], 64, 100)', 1)
    .wait(500)
    .receive(3, ANSWER);
  const [ready, ...more] = of('ready', script);
  assert.equal(more.length, 0);
  assert.equal(ready?.connection, 1);
  assert.equal(ready.what, 'readable');
});

test('a loop that makes no call while no other thread runs is busy', () => {
  const script = new Script().connect(3, 80).send(3, REQUEST).wait(400).receive(3, ANSWER);
  assert.deepEqual(
    of('block', script).map((each) => each.wait.kind),
    ['cpu'],
  );
});

test('small writes on a socket that holds them back are said', () => {
  const halves = [REQUEST.slice(0, 20), REQUEST.slice(20)] as const;
  const held = new Script()
    .connect(3, 80)
    .send(3, halves[0])
    .send(3, halves[1])
    .call('poll([{fd=3, events=POLLIN}], 1, -1)', '1 ([{fd=3, revents=POLLIN}])', 44);
  assert.ok(of('block', held.receive(3, ANSWER).close(3)).some((each) => each.wait.call === 'nagle'));
  const eager = new Script().connect(3, 80).call('setsockopt(3, SOL_TCP, TCP_NODELAY, [1], 4)', 0);
  eager
    .send(3, halves[0])
    .send(3, halves[1])
    .call('poll([{fd=3, events=POLLIN}], 1, -1)', '1 ([{fd=3, revents=POLLIN}])', 44);
  assert.ok(!of('block', eager.receive(3, ANSWER).close(3)).some((each) => each.wait.call === 'nagle'));
});

test('a look-up belongs to the connection that it was for', () => {
  const name = [3, ...Buffer.from('one'), 4, ...Buffer.from('test'), 0];
  const query = [0, 9, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, ...name, 0, 1, 0, 1];
  const answer = [
    0,
    9,
    0x81,
    0x80,
    0,
    1,
    0,
    1,
    0,
    0,
    0,
    0,
    ...name,
    0,
    1,
    0,
    1,
    0xc0,
    12,
    0,
    1,
    0,
    1,
    0,
    0,
    0,
    9,
    0,
    4,
    10,
    0,
    0,
    1,
  ];
  const script = new Script().call('socket(AF_INET, SOCK_DGRAM|SOCK_CLOEXEC, IPPROTO_IP)', 4);
  script.call(`connect(4, {sa_family=AF_INET, sin_port=htons(53), ${ip('10.0.0.2')}}, 16)`, 0);
  script.call(`sendto(4, ${quote(query)}, ${query.length}, MSG_NOSIGNAL, NULL, 0)`, query.length).wait(80);
  script.call(
    `recvfrom(4, ${quote(answer)}, 2048, 0, {sa_family=AF_INET, sin_port=htons(53), ${ip('10.0.0.2')}}, [28 => 16])`,
    answer.length,
  );
  const [connection] = of(
    'connection',
    script.close(4).connect(3, 80).send(3, REQUEST).receive(3, ANSWER).close(3),
  );
  assert.ok(connection!.dnsToUs! - connection!.dnsFromUs! >= 80_000);
  assert.equal(of('exchange', script).length, 1);
});

test('a line that strace would not print is counted, and the others are read', () => {
  const script = new Script().connect(3, 80).send(3, REQUEST).receive(3, ANSWER).close(3);
  const { records, lost } = readStrace(`${script.text}\nwhat is this\n`);
  assert.equal(lost.notUnderstood, 1);
  assert.equal(records.filter((each) => each.kind === 'exchange').length, 1);
});

test('the calls of architectures that have no poll, select, epoll_wait, dup2 or fork (arm64) mean the same', () => {
  const script = new Script()
    .call(
      'clone(child_stack=NULL, flags=CLONE_CHILD_CLEARTID|CLONE_CHILD_SETTID|SIGCHLD, child_tidptr=0xff)',
      200,
    )
    .connect(3, 80)
    .call('dup3(3, 7, O_CLOEXEC)', 7)
    .call('close(3)', 0)
    .call('epoll_create1(EPOLL_CLOEXEC)', 9)
    .call('epoll_ctl(9, EPOLL_CTL_ADD, 7, {events=EPOLLIN, data={u32=7, u64=7}})', 0)
    .send(7, REQUEST);
  script
    .call('ppoll([{fd=7, events=POLLIN}], 1, {tv_sec=5, tv_nsec=0}, NULL, 8)', '0 (Timeout)', 100)
    .call('pselect6(8, [7], NULL, NULL, {tv_sec=5, tv_nsec=0}, NULL)', '1 (in [7])', 100)
    .call('epoll_pwait(9, [{events=EPOLLIN, data={u32=7, u64=7}}], 64, 5000, NULL, 8)', 1, 100)
    .receive(7, ANSWER)
    .close(7)
    .exit(0);
  assert.deepEqual(
    of('block', script).map(({ wait }) => [wait.call, wait.connections]),
    [
      ['poll', [1]],
      ['select', [1]],
      ['epoll_wait', [1]],
    ],
  );
  assert.equal(of('exchange', script).length, 1);
});

/** An answer of 100 bytes and its head; `body` long where that is given. */
const sized = (body = 100): string =>
  `HTTP/1.1 200 OK\r\nContent-Length: ${body}\r\nServer: test\r\n\r\n${'x'.repeat(body)}`;

test('answers to pipelined requests are separated, though one read brings several, and one takes several reads', () => {
  const script = new Script().connect(3, 80).send(3, REQUEST.repeat(2)).send(3, REQUEST);
  const all = sized().repeat(3);
  script.wait(50).receive(3, all.slice(0, 210)).wait(50).receive(3, all.slice(210)).close(3);
  const seen = of('exchange', script);
  assert.deepEqual(
    seen.map(({ ordinal, status, bytesDown, error }) => [ordinal, status, bytesDown, error]),
    [0, 1, 2].map((ordinal) => [ordinal, 200, sized().length, undefined]),
  );
  assert.ok(seen[1]!.readUs! > seen[0]!.readUs!);
  assert.equal(seen[1]!.readUs, seen[2]!.readUs);
});

test('a request that is pipelined behind an answer half read does not take its other half', () => {
  const script = new Script().connect(3, 80).send(3, REQUEST).receive(3, sized().slice(0, 120));
  script.send(3, REQUEST).receive(3, sized().slice(120)).wait(50).receive(3, sized()).close(3);
  assert.deepEqual(
    of('exchange', script).map(({ bytesDown }) => bytesDown),
    [sized().length, sized().length],
  );
});

test('pipelined answers of which no head was printed are shared out, and are no failures', () => {
  const script = new Script().connect(3, 80);
  for (let sent = 0; sent < 20; sent++) script.send(3, REQUEST);
  const all = sized(800).repeat(20);
  script.wait(50).receive(3, all.slice(0, 9_000)).wait(50).receive(3, all.slice(9_000)).close(3);
  const seen = of('exchange', script);
  assert.equal(seen.length, 20);
  assert.deepEqual(
    seen.filter(({ error, readUs }) => error !== undefined || typeof readUs !== 'number'),
    [],
  );
  assert.ok(seen[15]!.readUs! > seen[5]!.readUs!);
  assert.deepEqual(seen[15]!.estimated, ['answeredUs', 'readUs']);
  assert.equal(seen[0]!.estimated, undefined);
});

test('a client that sends again without pipelining has read an answer whose end was not printed', () => {
  const chunked = `HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n${'bb8\r\n'}${'x'.repeat(3000)}\r\n0\r\n\r\n`;
  const script = new Script().connect(3, 80);
  for (let turn = 0; turn < 3; turn++) script.send(3, REQUEST).wait(20).receive(3, chunked).wait(20);
  script.close(3);
  const seen = of('exchange', script);
  assert.equal(seen.length, 3);
  for (const { sentUs, readUs } of seen) assert.ok(readUs! - sentUs! < 30_000);
});

test('what was under way when its program ended was cut off, and failed nowhere', () => {
  const script = new Script().connect(3, 80).send(3, REQUEST).wait(5).exit(0);
  const [cut] = of('exchange', script);
  assert.equal(cut?.error, undefined);
  assert.ok(cut!.failedUs! > cut!.sentUs!);
  const closed = new Script().connect(3, 80).send(3, REQUEST).wait(5);
  closed.call('recvfrom(3, "", 65536, 0, NULL, NULL)', 0).exit(1);
  assert.equal(of('exchange', closed)[0]?.error, 'closed', 'the server had closed it');
});

test('a wait that a kill ended has an end', () => {
  const script = new Script().connect(3, 80).send(3, REQUEST);
  script.begin('epoll_pwait(4, ').wait(300);
  script.lines.push(
    `100 ${(1_700_000_000.5).toFixed(6)} <... epoll_pwait resumed> <unfinished ...>) = ? <unavailable>`,
  );
  script.wait(300).exit(0);
  for (const { toUs } of of('block', script)) assert.ok(Number.isInteger(toUs));
  assert.equal(of('block', script).length, 1);
});

test('a port in the name that a client asks TLS for is not in the origin twice', () => {
  const script = new Script().connect(3, 9443);
  script
    .send(3, hello('client', { name: 'localhost:9443' }))
    .receive(3, hello('server', { version: 0x0304 }));
  script.close(3);
  assert.equal(of('connection', script)[0]?.origin, 'https://localhost:9443');
});

test('of two children that run before the calls that made them return, each has its own parent', () => {
  const script = new Script().call('clone(child_stack=NULL, flags=SIGCHLD)', 101);
  script.begin('vfork(');
  script.thread = 101;
  script.begin('vfork(');
  for (const child of [103, 102]) {
    script.thread = child;
    script.call(`execve(${quote('/bin/x')}, [${quote('x')}], 0x1 /* 9 vars */)`, 0);
  }
  script.thread = 100;
  script.finish('vfork', '', 102);
  script.thread = 101;
  script.finish('vfork', '', 103).exit(0);
  for (const ended of [102, 103, 100]) {
    script.thread = ended;
    script.exit(0);
  }
  const parents = of('process', script).map(({ pid, parent }) => [pid, parent]);
  assert.deepEqual(parents.toSorted(), [
    [100, undefined],
    [101, 100],
    [102, 100],
    [103, 101],
  ]);
});

/** A DNS message about one.test, with an ending or without: a question, or an answer of NXDOMAIN or 10.0.0.1. */
const dns = (ending: string, kind: 'query' | 'none' | 'found'): number[] => {
  const name = `one.test${ending}`.split('.').flatMap((label) => [label.length, ...Buffer.from(label)]);
  const flags = kind === 'query' ? [1, 0] : [0x81, kind === 'none' ? 0x83 : 0x80];
  const found = [0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 9, 0, 4, 10, 0, 0, 1];
  const answers = kind === 'found' ? found : [];
  return [
    0,
    7,
    ...flags,
    0,
    1,
    0,
    answers.length === 0 ? 0 : 1,
    0,
    0,
    0,
    0,
    ...name,
    0,
    0,
    1,
    0,
    1,
    ...answers,
  ];
};

test('the look-up of a name begins with the first ending of the search list', () => {
  const script = new Script().call('socket(AF_INET, SOCK_DGRAM|SOCK_CLOEXEC, IPPROTO_IP)', 4);
  script.call(`connect(4, {sa_family=AF_INET, sin_port=htons(53), ${ip('10.0.0.2')}}, 16)`, 0);
  for (const ending of ['.svc.local', '.local', '']) {
    const query = dns(ending, 'query');
    const answer = dns(ending, ending === '' ? 'found' : 'none');
    script.call(`sendto(4, ${quote(query)}, ${query.length}, MSG_NOSIGNAL, NULL, 0)`, query.length).wait(50);
    script.call(
      `recvfrom(4, ${quote(answer)}, 2048, 0, {sa_family=AF_INET, sin_port=htons(53), ${ip('10.0.0.2')}}, [28 => 16])`,
      answer.length,
    );
  }
  script.close(4).connect(3, 80).send(3, REQUEST).receive(3, ANSWER).close(3);
  const [connection] = of('connection', script);
  assert.equal(connection!.dnsNames, 3);
  assert.ok(connection!.dnsToUs! - connection!.dnsFromUs! >= 150_000);
  assert.equal(of('exchange', script)[0]!.dispatchedUs, connection!.dnsFromUs);
});
