import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { prepared } from './prepared.ts';

const SHOWN: ReadonlyArray<readonly [template: string, row: Record<string, unknown>, url: string]> = [
  ['https://{{host}}/x', { host: 'a.example.com' }, 'https://a.example.com/x'],
  ['https://{{host}}/x', { host: 'db:8080' }, 'https://db:8080/x'],
  ['https://{{host}}/x', { host: '[::1]:80' }, 'https://[::1]:80/x'],
  ['https://{{sub}}.example.com:{{port}}/', { sub: 'a.b', port: 81 }, 'https://a.b.example.com:81/'],
  ['https://x/{{path}}/y', { path: 'a/b?c#d e' }, 'https://x/a%2Fb%3Fc%23d%20e/y'],
  ['https://x/?q={{q}}', { q: "a&b=c+d'é" }, 'https://x/?q=a%26b%3Dc%2Bd%27%C3%A9'],
  ['https://{{user}}:{{word}}@x/', { user: 'a@b', word: 'p/w' }, 'https://a%40b:p%2Fw@x/'],
  ['https://node{{n}}/', { n: 1 }, 'https://node1/'],
  ['https://x.com{{path}}', { path: '/a b/c?d' }, 'https://x.com/a%20b/c%3Fd'],
  ['{{url}}', { url: 'https://x/a?b=c#d' }, 'https://x/a?b=c#d'],
  ['{{url}}/x?q={{q}}', { url: 'https://x/a', q: 'a&b' }, 'https://x/a/x?q=a%26b'],
  ['{{scheme}}://x/', { scheme: 'https' }, 'https://x/'],
  ['https://x/{{user.name}}', { user: { name: 'a b' } }, 'https://x/a%20b'],
  ['https://x/{{user.name}}', { 'user.name': 'own', user: { name: 'inner' } }, 'https://x/own'],
  ['https://x/{{n|none}}', {}, 'https://x/none'],
  ['https://x/{{n|none}}', { n: '' }, 'https://x/none'],
  ['https://x/{{n|}}', { n: null }, 'https://x/'],
  ['https://x/{{a|{{b|c}}}}', { b: 'd' }, 'https://x/d'],
  ['https://x/{{?q:?q={{q}}&all=1}}', { q: 'a b' }, 'https://x/?q=a%20b&all=1'],
  ['https://x/{{?q:?q={{q}}}}', {}, 'https://x/'],
  ['https://x/{{n}}', { n: 0 }, 'https://x/0'],
  ['https://x/{{n}}', { n: false }, 'https://x/false'],
  ['https://x/?q={{list}}', { list: [1, 'a'] }, 'https://x/?q=%5B1%2C%22a%22%5D'],
];

for (const [template, row, url] of SHOWN)
  test(`${template} over ${JSON.stringify(row)} is ${url}`, async () => {
    assert.equal(await prepared({ url: template }, row), url);
  });

const REFUSED: ReadonlyArray<readonly [template: string, row: Record<string, unknown>, error: RegExp]> = [
  ['https://{{host}}/x', { host: 'good.com/evil' }, /column 'host' is 'good\.com\/evil', which is no host/],
  ['https://{{host}}/x', { host: 'a@evil.com' }, /no host/],
  ['https://{{host}}/x', { host: 'a b' }, /no host/],
  ['https://{{host}}:{{port}}/', { host: 'a', port: 'evil.com' }, /is no URL/],
  ['https://{{host}}/x', {}, /no value for the column 'host'/],
  ['https://x/{{a}}/y', { a: '..' }, /'\.\.'/],
  ['https://x/{{a}}{{b}}/y', { a: '.', b: '.' }, /'\.\.'/],
  ['https://x.com{{path}}', { path: '.evil.com' }, /would change the host; a path begins with '\/'/],
  ['https://x.com{{a}}{{b}}', { a: '/', b: '..' }, /'\.\.'/],
  ['https://x.com{{path}}', { path: '/../a' }, /'\.\.'/],
  ['https://{{host}}', { host: '/evil.com' }, /no host/],
  ['htt{{s}}://x/', { s: 'p://evil/' }, /scheme/],
];

for (const [template, row, error] of REFUSED)
  test(`${template} over ${JSON.stringify(row)} is an error of the row`, async () => {
    await assert.rejects(prepared({ url: template }, row), error);
  });

test('query is appended, encoded, and a pair whose value is missing is left out', async () => {
  const query = { q: '{{q}}', page: 'no {{nothing}}', 'a b': '1' };
  assert.equal(await prepared({ url: 'https://x/', query }, { q: 'a&b' }), 'https://x/?q=a%26b&a%20b=1');
  assert.equal(
    await prepared({ url: 'https://x/?z=1#f', query }, { q: 'c' }),
    'https://x/?z=1&q=c&a%20b=1#f',
  );
  assert.equal(await prepared({ url: 'https://x/', query: { q: '{{q}}' } }, {}), 'https://x/');
});

test('a variable is as it is where it makes up the URL, and encoded as a value of the query', async () => {
  const env = { BASE: 'https://x/a/b', KEY: 'a+b/c==' };
  assert.equal(
    await prepared({ url: '${BASE}/c?key=${KEY}' }, {}, { env }),
    'https://x/a/b/c?key=a%2Bb%2Fc%3D%3D',
  );
});

/** Any text, and often one that means something in a URL. */
const value = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.stringMatching(/^[/\\?#@:&=%.;+[\] \t\r\na-z0-9]{1,12}$/),
  fc.constantFrom('//evil.com', '@evil.com', '../..', '%2e%2e', '\\evil', '?a=b', '&admin=1', '#x', '\ud800'),
);

test('whatever a value is, it stays in its segment of the path or its value of the query', async () => {
  const url = 'https://user@api.example.com:8443/v1/{{a}}/x-{{b}}?q={{c}}&r=1';
  await fc.assert(
    fc.asyncProperty(value, value, value, async (a, b, c) => {
      const built = await prepared({ url }, { a, b, c }).catch((error: Error) => error);
      if (built instanceof Error) {
        assert.match(built.message, /no value|'\.' or '\.\.'/);
        return;
      }
      const parsed = new URL(built);
      assert.equal(parsed.host, 'api.example.com:8443');
      assert.equal(parsed.username, 'user');
      assert.equal(parsed.hash, '');
      assert.deepEqual([...parsed.searchParams.keys()], ['q', 'r']);
      assert.equal(parsed.searchParams.get('q'), c.toWellFormed());
      const [, first, second, third, ...more] = parsed.pathname.split('/');
      assert.deepEqual(
        [first, second, third, more],
        ['v1', parsed.pathname.split('/')[2], `x-${third!.slice(2)}`, []],
      );
      assert.equal(decodeURIComponent(second!), a.toWellFormed());
      assert.equal(decodeURIComponent(third!), `x-${b.toWellFormed()}`);
    }),
  );
});

test('whatever a value is, in a host it is the host or an error', async () => {
  await fc.assert(
    fc.asyncProperty(value, async (host) => {
      const built = await prepared({ url: 'https://{{host}}.example.com/x?y=1' }, { host }).catch(() => null);
      if (built === null) return;
      const parsed = new URL(built);
      assert.ok(
        parsed.host.endsWith('.example.com') && parsed.pathname === '/x' && parsed.search === '?y=1',
        built,
      );
    }),
  );
});

test('whatever a value is, right after a host it is a path or an error', async () => {
  const path = fc.oneof(
    value,
    value.map((text) => `/${text}`),
  );
  await fc.assert(
    fc.asyncProperty(path, async (path) => {
      const built = await prepared({ url: 'https://api.example.com{{path}}?y=1' }, { path }).catch(
        () => null,
      );
      if (built === null) return;
      const parsed = new URL(built);
      assert.deepEqual([parsed.host, parsed.search], ['api.example.com', '?y=1'], built);
    }),
  );
});

test('whatever a value is, in query it is one pair', async () => {
  await fc.assert(
    fc.asyncProperty(value, async (q) => {
      const built = new URL(await prepared({ url: 'https://x/?a=1', query: { q: '{{q}}' } }, { q }));
      assert.deepEqual([...built.searchParams], [['a', '1'], ...(q === '' ? [] : [['q', q.toWellFormed()]])]);
    }),
  );
});
