import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { askingLine, ownFrame, placeOf } from '../../../src/diagnose/languages/frames.ts';
import { isKnownFor, isLibrary, packageOf } from '../../../src/diagnose/languages/index.ts';
import { waitOf } from '../../../src/diagnose/waits.ts';
import { block, SITE, STANDARD, stack } from '../causes/example.ts';

const RUBY = '/usr/lib/ruby/3.1.0';
const GEMS = '/home/me/.gem/ruby/3.1.0/gems';

describe('the idioms of a language', () => {
  it('tell the files of the language and of its packages from the program', () => {
    for (const file of [`${SITE}/requests/api.py`, `${STANDARD}/socket.py`, '<frozen importlib>'])
      assert.ok(isLibrary(file), file);
    for (const file of ['node:net', '/app/node_modules/got/index.js', 'internal/timers', 'wasm://a'])
      assert.ok(isLibrary(file), file);
    for (const file of [`${RUBY}/net/http.rb`, `${GEMS}/faraday-2.9.0/lib/faraday.rb`, '<internal:kernel>'])
      assert.ok(isLibrary(file), file);
    for (const file of ['/app/gems/report.rb', '/app/report.py', '/app/lib/python.js', '/app/src/index.mjs'])
      assert.ok(!isLibrary(file), file);
  });

  it('name the package that a file is of', () => {
    assert.equal(packageOf(`${SITE}/urllib3/util/wait.py`), 'urllib3');
    assert.equal(packageOf(`${SITE}/grequests.py`), 'grequests');
    assert.equal(packageOf('/app/node_modules/@a/b/c.js'), '@a/b');
    assert.equal(packageOf(`${GEMS}/net-http-persistent-4.0.2/lib/a.rb`), 'net-http-persistent');
    assert.equal(packageOf('/app/a.js'), undefined);
  });

  it('shorten a place to what its reader knows', () => {
    assert.equal(placeOf({ file: `${SITE}/urllib3/util/wait.py`, line: 105 }), 'urllib3/util/wait.py:105');
    assert.equal(placeOf({ file: `${RUBY}/net/http.rb`, line: 9 }), 'net/http.rb:9');
    assert.equal(placeOf({ file: `${GEMS}/rake-13.0/lib/rake.rb`, line: 9 }), 'rake-13.0/lib/rake.rb:9');
    assert.equal(placeOf({ file: '/home/me/app/report.py', line: 31 }), 'report.py:31');
  });

  it('take the line around a comprehension for the line of the program', () => {
    const { frames } = stack(
      1,
      `${SITE}/requests/api.py:10 get`,
      '/app/a.py:3 <listcomp>',
      '/app/a.py:2 main',
    );
    assert.equal(ownFrame(frames)?.line, 2);
    assert.equal(askingLine(stack(1, ...['/app/a.py:3 <listcomp>'])), '/app/a.py:3');
  });

  it("name an installed tool's own line, and neither its launcher nor what carries its requests", () => {
    const at = (...frames: readonly string[]) => {
      const { frames: all } = stack(1, ...frames);
      return [ownFrame(all), askingLine(stack(1, ...frames))].map((place) =>
        typeof place === 'object' && place !== null
          ? placeOf(place)
          : place?.replace(/^.*-packages\/|^.*node_modules\//, ''),
      );
    };
    const pip = [
      `${SITE}/pip/_vendor/requests/sessions.py:589 request`,
      `${SITE}/pip/_internal/network/session.py:519 request`,
      `${SITE}/pip/_internal/index/collector.py:107 _get_html_page`,
      `${SITE}/pip/_internal/cli/main.py:79 main`,
      '/venv/bin/pip:8 <module>',
    ];
    assert.deepEqual(at(...pip), Array(2).fill('pip/_internal/index/collector.py:107'));
    const worker = [
      `${SITE}/requests/api.py:10 get`,
      `${SITE}/s3transfer/download.py:632 _main`,
      `${SITE}/s3transfer/tasks.py:139 __call__`,
      `${STANDARD}/threading.py:975 _bootstrap_inner`,
    ];
    assert.deepEqual(at(...worker), Array(2).fill('s3transfer/download.py:632'));
    const other = [
      `${SITE}/pip/_internal/index/collector.py:135 _get_simple_response`,
      `${SITE}/piptools/resolver.py:677 _do_resolve`,
      `${SITE}/piptools/scripts/compile.py:509 cli`,
      `${SITE}/click/core.py:1653 __call__`,
      '/env/bin/pip-compile:8 <module>',
    ];
    assert.deepEqual(at(...other), Array(2).fill('piptools/resolver.py:677'));
    const npm = [
      '/n/node_modules/npm/node_modules/make-fetch-happen/lib/fetch.js:20 fetch',
      '/n/node_modules/npm/node_modules/pacote/lib/registry.js:130 packument',
      '/n/node_modules/npm/lib/cli/entry.js:67 exec',
    ];
    assert.deepEqual(at(...npm), Array(2).fill('pacote/lib/registry.js:130'));
  });

  it('do not take a script of the reader for a launcher', () => {
    const script = [
      `${SITE}/requests/api.py:10 get`,
      `${SITE}/boto3/session.py:9 client`,
      '/home/me/bin/fetch-all:30 <module>',
    ];
    assert.equal(ownFrame(stack(1, ...script).frames)?.file, '/home/me/bin/fetch-all');
    const beside = [
      '/home/me/env/lib/python3.12/site-packages/requests/api.py:10 get',
      '/home/me/env/lib/python3.12/site-packages/boto3/session.py:9 client',
      '/home/me/bin/fetch-all:30 <module>',
    ];
    assert.equal(ownFrame(stack(1, ...beside).frames)?.file, '/home/me/bin/fetch-all');
    const user = [
      `${SITE}/scrapy/core/engine.py:9 crawl`,
      '/app/spider.py:7 parse',
      `${SITE}/scrapy/cmdline.py:3 run`,
      '/venv/bin/scrapy:8 <module>',
    ];
    assert.equal(ownFrame(stack(1, ...user).frames)?.file, '/app/spider.py');
  });

  it("call a notebook's code the cell that it is", () => {
    assert.equal(placeOf({ file: '/tmp/ipykernel_71/2290885498.py', line: 2 }), 'cell:2');
    assert.ok(!isLibrary('<ipython-input-3-a1b2c3>'));
  });

  it('know what a call is for', () => {
    assert.ok(isKnownFor('sleep', 'time.sleep'));
    assert.ok(isKnownFor('sleep', 'Atomics.wait'));
    assert.ok(isKnownFor('child', 'execFileSync'));
    assert.ok(!isKnownFor('resolver', 'resolve_redirects'));
  });
});

describe('a wait', () => {
  const of = (call: string, ...frames: readonly string[]) =>
    waitOf(block(call, 0, 10), stack(1, ...frames).frames).kind;

  it('is of the kind that its record says, where only one thing can be meant', () => {
    assert.equal(of('getaddrinfo'), 'name');
    assert.equal(of('sleep', `${STANDARD}/a.py:1 b`), 'sleep');
    assert.equal(of('read', '/app/a.py:1 b'), 'read');
  });

  it('is told from its stack, where the record can not say it', () => {
    assert.equal(of('futex', `${STANDARD}/threading.py:1 Semaphore.acquire`, '/app/a.py:2 f'), 'semaphore');
    assert.equal(of('futex', '/app/a.py:2 f'), 'lock');
    assert.equal(of('await', '/app/a.py:2 f'), 'own-gate');
    assert.equal(of('await', `${SITE}/strange/a.py:1 go`), 'gate');
    assert.equal(of('sleep', `${SITE}/redis/lock.py:1 redis.lock.Lock.acquire`, '/app/a.py:2 f'), 'lock');
    assert.equal(of('sleep', `${SITE}/strange/a.py:1 strange.Throttle.wait`, '/app/a.py:2 f'), 'rate');
    assert.equal(of('sleep', '/app/a.py:2 f'), 'sleep');
    assert.equal(
      of('futex', '<frozen importlib._bootstrap>:4 _ModuleLock.acquire', '/app/a.py:2 f'),
      'other',
    );
    assert.equal(
      of('futex', `${STANDARD}/concurrent/futures/_base.py:1 Future.result`, '/app/a.py:2 f'),
      'join',
    );
    assert.equal(of('await', `${SITE}/aiohttp/connector.py:1 BaseConnector.connect`), 'connect');
    assert.equal(of('await', `${SITE}/h2/a.py:1 Semaphore.acquire`), 'streams');
    assert.equal(of('futex', '/app/a.rb:2 Thread::Mutex.synchronize', '/app/a.rb:2 f'), 'lock');
    assert.equal(of('futex', '/app/a.rb:2 Thread::Queue.pop', '/app/a.rb:2 f'), 'queue');
    assert.equal(of('futex', '/app/a.rb:2 Thread.join', '/app/a.rb:2 f'), 'join');
    // A barrier is waited at for what the others do, not for a place.
    assert.equal(
      of(
        'futex',
        '/usr/lib/python3.12/threading.py:355 threading.Condition.wait',
        '/usr/lib/python3.12/threading.py:714 threading.Barrier._wait',
        '/app/a.py:6 run',
      ),
      'join',
    );
    assert.equal(of('futex', '/app/a.rb:2 Thread::ConditionVariable.wait', '/app/a.rb:2 f'), 'own-gate');
    assert.equal(
      of('futex', `${GEMS}/connection_pool-2.4.1/lib/a.rb:2 checkout`, '/app/a.rb:2 f'),
      'connection-pool',
    );
    assert.equal(of('cpu', `${STANDARD}/ssl.py:1 create_default_context`, '/app/a.py:2 f'), 'tls-context');
  });

  it('is `other`, and no cause, where neither tells', () => {
    assert.equal(of('await', `${STANDARD}/strange.py:1 go`), 'other');
    assert.equal(of('await', `${SITE}/aiohttp/client.py:1 ClientSession._request`), 'other');
  });
});
