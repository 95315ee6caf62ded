import assert from 'node:assert/strict';
import { test } from 'node:test';
import { cellsOf, skip } from './pythons.ts';

test('grequests alone is fast on both Pythons', { skip }, async (t) => {
  for (const { came, concurrent, verdict } of (await cellsOf('1', t)) ?? []) {
    assert.equal(came, 'fast');
    assert.match(concurrent.socket[0]!, /^gevent\.\S+\.SSLSocket$/);
    assert.ok(concurrent.inFlight.max > 1);
    assert.equal(verdict, null);
  }
});

test('pyOpenSSL beside it makes it slow on both Pythons, and the diagnosis says so', { skip }, async (t) => {
  for (const { came, concurrent, verdict } of (await cellsOf('2', t)) ?? []) {
    assert.equal(came, 'slow');
    assert.equal(concurrent.socket[0], 'urllib3.contrib.pyopenssl.WrappedSocket');
    assert.equal(concurrent.inFlight.max, 1);
    assert.deepEqual([verdict!.overlap, verdict!.step], ['serial', 'sent']);
    assert.match(verdict!.causes[0]!.because.join(' '), /pyOpenSSL 19\.0\.0 took the place of/);
    assert.match(verdict!.causes[0]!.because.join(' '), /left `select` alone \(grequests\.py:\d+\)/);
  }
});

test('gevent-openssl is enough on Python 2.7 alone, and with its patch on both', { skip }, async (t) => {
  const came = async (stage: string) => (await cellsOf(stage, t))?.map(({ came }) => came);
  assert.deepEqual((await came('3')) ?? ['fast', 'slow'], ['fast', 'slow']);
  assert.deepEqual((await came('4')) ?? ['fast', 'fast'], ['fast', 'fast']);
});

test('the scenes show the poll that takes the time, the way to it, the classes of the sockets, and who patched what', {
  skip,
}, async (t) => {
  const scenes = ['--profile', '--trace-calls', '--socket-class', '--scene', 'monkey-patching'];
  for (const cell of (await cellsOf('2', t, ...scenes)) ?? []) {
    const text = (id: string) => cell.scenes.find((scene) => scene.id === id)!.text;
    // The first row: a share of about all, in poll.
    assert.match(text('profile'), /^3 of 3 GETs .*\n\n *seconds .*\n *[23]\.\d+ +(9\d|100)% .*poll/);
    const recv = cell.runtime === 'python 2.7' ? 'pyopenssl.recv:' : 'pyopenssl.recv_into:';
    const way = ['grequests.send:', recv, 'wait.wait_for_read:', 'select.poll.poll'];
    const places = way.map((name) => text('trace-calls').indexOf(name));
    assert.deepEqual(
      places,
      places.filter((place) => place >= 0).toSorted((one, other) => one - other),
    );
    assert.match(
      text('socket-class'),
      /^3 connections:\n +urllib3\.contrib\.pyopenssl\.WrappedSocket\n +`- OpenSSL\.SSL\.Connection$/m,
    );
    const injected = text('monkey-patching')
      .split('\n\n')
      .find((step) => step.includes('inject_into_urllib3()'))!;
    assert.match(
      injected,
      /^ \* urllib3\.util\.ssl_\.SSLContext +urllib3\.contrib\.pyopenssl\.PyOpenSSLContext$/m,
    );
    assert.match(injected, /^ {3}is_module_patched\('select'\) +False$/m);
  }
});
