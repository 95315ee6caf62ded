import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Connection, Exchange } from '../../../src/trace/index.ts';
import { readStrace } from '../../../src/watch/recorders/syscalls/index.ts';
import { hello, record, Script } from './script.ts';

const DATA = 23;
const REQUEST = record(DATA, 120);
const ANSWER = record(DATA, 900);

/** The handshake of TLS 1.3 up to the server's part. */
function handshake(script: Script, protocols?: string[]): Script {
  return script
    .connect(5, 443)
    .send(5, hello('client', { name: 'one.test', ...(protocols === undefined ? {} : { protocols }) }))
    .wait(5)
    .receive(5, [...hello('server', { version: 0x0304 }), ...record(20, 1), ...record(DATA, 1200)]);
}

const finished = (script: Script): Script => script.send(5, [...record(20, 1), ...record(DATA, 53)]);

function exchangesOf(script: Script): Exchange[] {
  return readStrace(script.text).records.filter((each) => each.kind === 'exchange');
}

function connectionOf(script: Script): Connection {
  const found = readStrace(script.text).records.find((each) => each.kind === 'connection');
  assert.ok(found);
  return found;
}

test('a request is the client data behind its Finished, an answer what comes back', () => {
  const script = finished(handshake(new Script()))
    .send(5, REQUEST)
    .wait(50)
    .receive(5, ANSWER)
    .close(5)
    .exit(0);
  const [exchange, ...more] = exchangesOf(script);
  assert.equal(more.length, 0);
  assert.equal(exchange?.origin, 'https://one.test');
  assert.ok(exchange.answeredUs! - exchange.sentUs! >= 50_000);
  const connection = connectionOf(script);
  assert.equal(connection.tlsVersion, '1.3');
  assert.equal(connection.protocol, 'http/1.1');
  assert.ok(connection.tlsDoneUs! > connection.tlsStartUs!);
});

test('two requests on one connection are two exchanges, in one record or in two', () => {
  const script = finished(handshake(new Script()));
  for (const pieces of [[REQUEST], [record(DATA, 60), record(DATA, 60)]]) {
    for (const piece of pieces) script.send(5, piece);
    script.wait(30).receive(5, record(DATA, 300)).receive(5, ANSWER);
  }
  assert.deepEqual(
    exchangesOf(script.close(5)).map((each) => each.ordinal),
    [0, 1],
  );
});

test('session tickets behind the Finished are not the answer', () => {
  const script = finished(handshake(new Script()))
    .send(5, REQUEST)
    .receive(5, [...record(DATA, 250), ...record(DATA, 250)])
    .wait(40)
    .receive(5, ANSWER)
    .close(5);
  const [exchange] = exchangesOf(script);
  assert.ok(exchange!.answeredUs! - exchange!.sentUs! >= 40_000);
  assert.deepEqual(exchange!.estimated, ['answeredUs']);
});

test('an answer as small as a ticket is still the answer', () => {
  const script = finished(handshake(new Script())).send(5, REQUEST).receive(5, record(DATA, 200)).close(5);
  assert.ok(exchangesOf(script)[0]?.readUs);
});

test('client certificates are part of the handshake, in three records or in one', () => {
  const three = handshake(new Script()).send(5, [
    ...record(DATA, 800),
    ...record(DATA, 281),
    ...record(DATA, 53),
  ]);
  assert.equal(exchangesOf(three.send(5, REQUEST).wait(9).receive(5, ANSWER).close(5)).length, 1);
  const one = handshake(new Script()).send(5, record(DATA, 1150));
  assert.equal(exchangesOf(one.send(5, REQUEST).wait(9).receive(5, ANSWER).close(5)).length, 1);
});

test('alerts and key updates are no requests', () => {
  const script = finished(handshake(new Script())).send(5, REQUEST).wait(9).receive(5, ANSWER);
  assert.equal(exchangesOf(script.send(5, record(DATA, 22)).send(5, record(DATA, 19)).close(5)).length, 1);
});

test('early data is sent when it is sent, before the server has said anything', () => {
  const script = new Script()
    .connect(5, 443)
    .send(5, [...hello('client', { name: 'one.test' }), ...record(20, 1), ...REQUEST])
    .wait(20)
    .receive(5, [...hello('server', { version: 0x0304 }), ...record(20, 1), ...record(DATA, 100)])
    .send(5, record(DATA, 53))
    .wait(20)
    .receive(5, ANSWER)
    .close(5);
  const found = exchangesOf(script);
  assert.equal(found.length, 1);
  assert.ok(found[0]!.answeredUs! - found[0]!.sentUs! >= 40_000);
});

test('a second hello that the server requests begins no new handshake', () => {
  const script = new Script()
    .connect(5, 443)
    .send(5, hello('client', { name: 'one.test' }))
    .receive(5, [...hello('server', { version: 0x0304 }), ...record(20, 1)])
    .send(5, [...record(20, 1), ...hello('client', { name: 'one.test' })])
    .receive(5, [...hello('server', { version: 0x0304 }), ...record(DATA, 1200)]);
  assert.equal(
    exchangesOf(script.send(5, record(DATA, 69)).send(5, REQUEST).wait(9).receive(5, ANSWER).close(5)).length,
    1,
  );
});

test('TLS 1.2 is done when both have finished, and says which protocol was chosen', () => {
  const script = (protocol: string): Script =>
    new Script()
      .connect(5, 443)
      .send(5, hello('client', { name: 'one.test', protocols: ['h2', 'http/1.1'] }))
      .receive(5, [...hello('server', { version: 0x0303, protocols: [protocol] }), ...record(22, 900, [11])])
      .send(5, [...record(22, 70, [16]), ...record(20, 1), ...record(22, 40)])
      .wait(5)
      .receive(5, [...record(20, 1), ...record(22, 40)])
      .send(5, REQUEST)
      .wait(30)
      .receive(5, ANSWER)
      .close(5);
  assert.equal(connectionOf(script('http/1.1')).tlsVersion, '1.2');
  assert.equal(exchangesOf(script('http/1.1')).length, 1);
  assert.equal(connectionOf(script('h2')).protocol, 'h2');
  assert.equal(exchangesOf(script('h2')).length, 0);
});

test('HTTP/2 inside TLS 1.3 is recognized by the settings that the client acknowledges', () => {
  const offered = (): Script =>
    finished(handshake(new Script(), ['h2', 'http/1.1']))
      .send(5, REQUEST)
      .wait(5);
  const http2 = offered()
    .receive(5, record(DATA, 60))
    .send(5, record(DATA, 26))
    .wait(30)
    .receive(5, ANSWER)
    .close(5);
  assert.equal(connectionOf(http2).protocol, 'h2');
  assert.equal(exchangesOf(http2).length, 0);
  const http1 = offered().receive(5, ANSWER).close(5);
  assert.equal(connectionOf(http1).protocol, 'http/1.1');
  assert.equal(exchangesOf(http1).length, 1);
});

test('the length of the extensions that the server encrypts gives away the protocol it chose', () => {
  const chosen = (length: number): Script => {
    const script = new Script()
      .connect(5, 443)
      .send(5, hello('client', { name: 'one.test', protocols: ['h2', 'http/1.1'] }))
      .receive(5, [...hello('server', { version: 0x0304 }), ...record(DATA, length), ...record(DATA, 900)]);
    return finished(script).send(5, REQUEST).wait(30).receive(5, ANSWER).send(5, REQUEST);
  };
  assert.equal(connectionOf(chosen(36).close(5)).protocol, 'h2');
  assert.equal(connectionOf(chosen(42).close(5)).protocol, 'http/1.1');
  assert.equal(exchangesOf(chosen(42).wait(9).receive(5, ANSWER).close(5)).length, 2);
});

test('where strace did not print the next header, the boundaries are found again', () => {
  const script = finished(handshake(new Script()));
  for (let round = 0; round < 3; round++) {
    script
      .send(5, REQUEST)
      .wait(9)
      .receive(5, [...record(DATA, 5000), ...record(DATA, 3000)]);
  }
  assert.equal(exchangesOf(script.close(5)).length, 3);
});

test('a hello cut at any place behind its first two bytes means the same', () => {
  const bytes = [...hello('client', { name: 'one.test' })];
  for (let cut = 2; cut < bytes.length; cut += 7) {
    const script = new Script().connect(5, 443).send(5, bytes.slice(0, cut)).send(5, bytes.slice(cut));
    script.receive(5, [...hello('server', { version: 0x0304 }), ...record(DATA, 1200)]);
    const found = exchangesOf(finished(script).send(5, REQUEST).wait(9).receive(5, ANSWER).close(5));
    assert.equal(found[0]?.origin, 'https://one.test', `cut at ${cut}`);
    assert.equal(found.length, 1);
  }
});
