import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { redactArgv, redactUrl } from '../../../src/trace/index.ts';
import { node as nodeProbe } from '../../../src/watch/recorders/node/index.ts';
import { python as pythonProbe } from '../../../src/watch/recorders/python/index.ts';
import { ruby as rubyProbe } from '../../../src/watch/recorders/ruby/index.ts';
import { interpreters } from '../../watch/python/interpreters.ts';
import { NO_RUBY, rubies } from '../../watch/ruby/rubies.ts';
import { COMMANDS, URLS } from './examples.ts';

/** What one of the implementations makes of URLs and of commands. */
interface Rules {
  readonly cleanUrls: (urls: readonly string[]) => readonly string[];
  readonly cleanCommands: (commands: readonly (readonly string[])[]) => readonly (readonly string[])[];
}

const abreast: Rules = {
  cleanUrls: (urls) => urls.map(redactUrl),
  cleanCommands: (commands) => commands.map((words) => redactArgv(words)),
};

const { cleanUrl, cleanArgument } = createRequire(import.meta.url)(nodeProbe.file);
const node: Rules = {
  cleanUrls: (urls) => urls.map((url) => cleanUrl(url)),
  cleanCommands: (commands) => commands.map((words) => words.map(cleanArgument)),
};

/** Loaded under another name, the probe records nothing. */
const IN_PYTHON = `
import json, sys
probe = {'__name__': 'probe'}
exec(compile(open(sys.argv[1], 'rb').read(), sys.argv[1], 'exec'), probe)
asked = json.loads(sys.stdin.read())
print(json.dumps([[probe['clean_url'](url) for url in asked['urls']],
                  [probe['clean_argv'](words) for words in asked['commands']]]))
`;

const python = (path: string): Rules => asking(path, ['-c', IN_PYTHON, pythonProbe.file]);

/** Gives URLs and commands to a program, as JSON, and reads what it makes of them. */
function asking(program: string, args: readonly string[]): Rules {
  const ask = (asked: { urls?: unknown; commands?: unknown }) => {
    const input = JSON.stringify({ urls: [], commands: [], ...asked });
    const { stdout, stderr } = spawnSync(program, args, {
      input,
      encoding: 'utf8',
    });
    assert.equal(stderr, '');
    return JSON.parse(stdout);
  };
  return { cleanUrls: (urls) => ask({ urls })[0], cleanCommands: (commands) => ask({ commands })[1] };
}

/** Without ABREAST_TRACE the probe records nothing. */
const IN_RUBY = `
require 'json'
load ARGV[0]
probe = Object.const_get(:AbreastProbe)
asked = JSON.parse($stdin.read)
puts JSON.generate([asked['urls'].map { |url| probe.clean_url(url) },
                    asked['commands'].map { |words| probe.clean_argv(words) }])
`;

const ruby = (path: string): Rules => asking(path, ['-w', '-e', IN_RUBY, rubyProbe.file]);

const pythons = interpreters();
const installedRubies = rubies();
const all: readonly (readonly [name: string, rules: Rules | { readonly skip: string }])[] = [
  ['abreast', abreast],
  ['the probe for Node', node],
  ...pythons.map(({ version, path }) => [`the probe for Python ${version}`, python(path)] as const),
  ...(pythons.length === 0
    ? [['the probe for Python', { skip: 'no Python: pyenv install 3.12' }] as const]
    : []),
  ...installedRubies.map(({ version, path }) => [`the probe for Ruby ${version}`, ruby(path)] as const),
  ...(installedRubies.length === 0 ? [['the probe for Ruby', { skip: NO_RUBY }] as const] : []),
];

/** Pieces that mean something in a URL, in any order. */
const ODD_URLS = fc.sample(
  fc
    .array(
      fc.constantFrom(
        ...[
          'http:',
          'https://',
          '//',
          '/',
          '\\',
          '@',
          ':',
          '?',
          '#',
          '&',
          ';',
          '=',
          '%3D',
          '%26',
          '%2F%2F',
          '%40',
        ],
        ...[
          '%25',
          '"',
          '%22',
          '":',
          '2',
          '%',
          '%zz',
          '80',
          'h',
          'me',
          'pw',
          'n',
          'token',
          'key',
          'code',
          'sort_key',
          'X-Amz-Signature',
          '***',
        ],
        ...[
          'aB3dE5gH7jK9mN1pQ3sT5vW7',
          '0123456789abcdef0123456789abcdef',
          'npm_',
          'eyJ',
          '.',
          '-',
          '_',
          ' ',
          '[',
          'ü',
        ],
      ),
      { minLength: 1, maxLength: 14 },
    )
    .map((pieces) => pieces.join('')),
  { numRuns: 3000, seed: 1 },
);

for (const [name, rules] of all) {
  const options = 'skip' in rules ? rules : {};
  const { cleanUrls, cleanCommands } = rules as Rules;
  describe(`${name} says the same as the others`, options, () => {
    it('of the secrets of URLs', () => {
      assert.deepEqual(pairs(URLS, cleanUrls), URLS);
    });

    it('of URLs that were written before', () => {
      const written = URLS.map(([, without]) => [without, without] as const);
      assert.deepEqual(pairs(written, cleanUrls), written);
    });

    it('of URLs that nobody thought of', () => {
      const cleaned = cleanUrls(ODD_URLS);
      for (const [index, url] of ODD_URLS.entries()) assert.equal(cleaned[index], redactUrl(url), url);
    });

    it('of the secrets of command lines', () => {
      const clean = (commands: readonly string[]) =>
        cleanCommands(commands.map((words) => words.split(' '))).map((words) => words.join(' '));
      assert.deepEqual(pairs(COMMANDS, clean), COMMANDS);
    });
  });
}

/** Each first of the pairs, and what came of it. */
function pairs(
  examples: readonly (readonly [string, string])[],
  clean: (texts: readonly string[]) => readonly string[],
): (readonly [string, string])[] {
  const cleaned = clean(examples.map(([text]) => text));
  return examples.map(([text], index) => [text, cleaned[index]!]);
}
