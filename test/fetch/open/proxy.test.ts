import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Proxies } from '../../../src/fetch/open/proxy.ts';
import { parseTarget } from '../../../src/fetch/target.ts';

/** host:port of the proxy for a URL, null for none. */
function proxyFor(url: string, env: NodeJS.ProcessEnv, option: string | null = null): string | null {
  const proxy = new Proxies(option, env).of(parseTarget(url));
  return proxy && `${proxy.host}:${proxy.port}`;
}

test('without option and environment there is no proxy', () => {
  assert.equal(proxyFor('https://a.test/', {}), null);
});

test('each scheme has its variable, in both cases, and ALL_PROXY stands in for either', () => {
  const env = { http_proxy: 'http://h:1', HTTPS_PROXY: 'http://s:2', ALL_PROXY: 'socks5://never-read' };
  assert.equal(proxyFor('http://a.test/', env), 'h:1');
  assert.equal(proxyFor('https://a.test/', env), 's:2');
  assert.equal(proxyFor('http://a.test/', { HTTP_PROXY: 'h:1' }), 'h:1');
  assert.equal(proxyFor('https://a.test/', { https_proxy: 'lower:1', HTTPS_PROXY: 'upper:1' }), 'lower:1');
  assert.equal(proxyFor('https://a.test/', { https_proxy: '', all_proxy: 'http://all' }), 'all:80');
  assert.equal(proxyFor('http://a.test/', { ALL_PROXY: 'http://[::1]:3128' }), '::1:3128');
});

test('in a CGI program HTTP_PROXY is a header of the client, and not obeyed', () => {
  const env = { REQUEST_METHOD: 'GET', HTTP_PROXY: 'http://evil:1', HTTPS_PROXY: 'http://s:2' };
  assert.equal(proxyFor('http://a.test/', env), null);
  assert.equal(proxyFor('https://a.test/', env), 's:2');
  assert.equal(proxyFor('http://a.test/', { ...env, http_proxy: 'http://h:1' }), 'h:1');
});

test('the option stands over the environment, and an empty one means none', () => {
  const env = { http_proxy: 'http://h:1', no_proxy: '*' };
  assert.equal(proxyFor('http://a.test/', env, 'http://o:9'), 'o:9');
  assert.equal(proxyFor('http://a.test/', { http_proxy: 'http://h:1' }, ''), null);
});

test('name and password in the URL become Proxy-Authorization', () => {
  const { authorization } = new Proxies('http://us%40er:p%3Ass@h:1').of(parseTarget('http://a.test/'))!;
  assert.equal(authorization, `Basic ${Buffer.from('us@er:p:ss').toString('base64')}`);
  assert.equal(new Proxies('h:1').of(parseTarget('http://a.test/'))!.authorization, null);
});

const noProxy: readonly [list: string, exempt: readonly string[], proxied: readonly string[]][] = [
  ['*', ['a.test', '127.0.0.1'], []],
  ['a.test', ['a.test', 'A.TEST', 'b.a.test', 'a.test.'], ['ba.test', 'a.test.org']],
  ['.a.test', ['a.test', 'b.a.test'], ['ba.test']],
  ['*.a.test', ['b.a.test'], ['ba.test']],
  ['x.test, a.test y.test', ['a.test', 'x.test', 'y.test'], ['z.test']],
  ['a.test:8080', ['a.test:8080'], ['a.test', 'a.test:80']],
  ['127.0.0.1', ['127.0.0.1'], ['127.0.0.2']],
  ['10.0.0.0/8,192.168.1.128/25', ['10.9.8.7', '192.168.1.129'], ['11.0.0.1', '192.168.1.1']],
  ['fd00::/8,[::1]', ['[fd12::1]', '[::1]'], ['[fe80::1]']],
  ['10.0.0.0/99', [], ['10.0.0.1']],
  ['', [], ['a.test']],
];
for (const [list, exempt, proxied] of noProxy) {
  test(`NO_PROXY='${list}' takes out ${exempt.join(', ') || 'nobody'}`, () => {
    const env = { ALL_PROXY: 'http://p:1', NO_PROXY: list };
    for (const host of exempt) assert.equal(proxyFor(`http://${host}/`, env), null, host);
    for (const host of proxied) assert.equal(proxyFor(`http://${host}/`, env), 'p:1', host);
  });
}

for (const entry of [
  '10.0.0.0/',
  '10.0.0.0/33',
  '10.0.0.0/x',
  '1.2.3.4/-1',
  '::/129',
  'a.test/8',
  '/8',
  ':80',
  '.',
]) {
  test(`NO_PROXY='${entry}' exempts nobody, and a note says so`, () => {
    const env = { http_proxy: 'http://p:1', NO_PROXY: `b.test,${entry}` };
    for (const host of ['10.0.0.1', '1.2.3.4', '0.0.0.0', '[::1]', 'a.test'])
      assert.equal(proxyFor(`http://${host}/`, env), 'p:1', host);
    assert.equal(proxyFor('http://b.test/', env), null);
    const { notes } = new Proxies(null, env);
    assert.equal(notes.length, 1);
    assert.ok(notes[0]!.startsWith(`NO_PROXY: '${entry}' is no host and no network, and exempts nothing;`));
    assert.deepEqual(new Proxies(null, { no_proxy: entry }).notes, [], 'no proxy, no exemption to speak of');
    assert.deepEqual(new Proxies('http://o:1', env).notes, []);
  });
}

test('a proxy of another kind is refused by the name of its variable, without its password', () => {
  const refused = (env: NodeJS.ProcessEnv, option: string | null, text: RegExp) =>
    assert.throws(
      () => new Proxies(option, env),
      (error: Error) => {
        assert.ok(error instanceof TypeError);
        assert.match(error.message, text);
        assert.doesNotMatch(error.message, /secret/);
        return true;
      },
    );
  refused(
    { ALL_PROXY: 'socks5://u:secret@h:1' },
    null,
    /ALL_PROXY: a proxy is written http:.*; socks5: is not supported/,
  );
  refused({}, 'https://u:secret@h', /--proxy: .*; https: is not supported/);
  refused({}, 'http://u:secret@h:99999', /--proxy: a proxy is written/);
});
