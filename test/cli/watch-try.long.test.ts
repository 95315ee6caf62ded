import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { PYTHON } from '../../scripts/pictures/terminal.ts';
import { place } from './watched.ts';

const ABREAST = new URL('../../bin/abreast', import.meta.url).pathname;

/** N GETs through an agent of one connection, which `frozen` lets nobody change. */
const PROGRAM = `
const http = require('http');
const [url, how] = process.argv.slice(2);
const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
if (how === 'two limits') Object.assign(agent, { maxSockets: 2, maxTotalSockets: 1 });
if (how === 'frozen') Object.defineProperty(agent, 'maxSockets', { value: 1, writable: false });
if (how === 'told') console.log(JSON.stringify(Object.keys(process.env).filter((name) => name.startsWith('ABREAST_FIX'))));
let left = 6;
for (let n = 0; n < 6; n++)
  http.get(url, { agent }, (answer) => answer.resume().on('end', () => --left || agent.destroy()));
`;

/** Runs a command on a terminal, answers its question, and prints what it said. */
const TERMINAL = `
import os, pty, sys
pid, terminal = pty.fork()
if pid == 0:
    os.execvp(sys.argv[2], sys.argv[2:])
text, answered = b'', False
while True:
    try:
        part = os.read(terminal, 4096)
    except OSError:
        break
    if not part:
        break
    text += part
    if b'[y/N]' in text and not answered:
        answered = True
        os.write(terminal, sys.argv[1].encode() + b'\\n')
os.waitpid(pid, 0)
print(text.decode())
`;

/** The address of a server that works on one request at a time, a fifth of a second on each. */
async function oneAtATime(t: TestContext): Promise<string> {
  let last = Promise.resolve();
  const server = createServer((_, response) => {
    last = last.then(() => sleep(200)).then(() => void response.end('done'));
  }).listen(0, '127.0.0.1');
  t.after(() => server.close());
  await once(server, 'listening');
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
}

async function agents(t: TestContext, server?: string) {
  const made = await place(t);
  const { folder, run } = made;
  const url = server ?? made.url;
  writeFileSync(join(folder, 'agent.cjs'), PROGRAM);
  const verdictFile = join(folder, 'verdict.json');
  const command = ['--json-file', verdictFile, '--', process.execPath, join(folder, 'agent.cjs'), url];
  return {
    watch: (options: readonly string[], how = '') => run(['watch', ...options, ...command, how]),
    /** The whole command, for what runs it itself. */
    words: (options: readonly string[]) => [process.execPath, ABREAST, 'watch', ...options, ...command],
    verdict: () => JSON.parse(readFileSync(verdictFile, 'utf8')),
  };
}

describe('abreast watch --try', () => {
  it('raises the limit of an agent from outside, runs again, and gives both runs and the prediction', async (t) => {
    const { watch, verdict } = await agents(t);
    const { code, err } = await watch(['--try', '--yes']);
    assert.equal(code, 0);
    assert.match(err, /Try {7}http\.Agent maxSockets is 6 instead of 1/);
    assert.match(err, /Up to 6 requests at once go to http:\/\/127\.0\.0\.1:\d+,\s+instead of 1/);
    // More runs are made, and said, where one was slow by chance.
    assert.match(
      err,
      /it\s+helped(?:\s\([^)]*\))?\n\s+without .*requests took .*\n\s+with .*\n\s+predicted /,
    );
    assert.match(err, /^both {3}abreast view \/\S+\.jsonl \/\S+\.jsonl$/m);
    const { tried, overlap } = verdict();
    assert.equal(overlap, 'serial');
    assert.equal(tried[0].outcome, 'helped');
    assert.equal(tried[0].after.answered, 6);
    assert.ok(tried[0].after.inFlight > tried[0].before.inFlight);
  });

  it('does not say that a larger limit helped, where the server works on one request at a time', async (t) => {
    const { watch, verdict } = await agents(t, await oneAtATime(t));
    const { err } = await watch(['--try', '--yes']);
    assert.match(err, /http\.Agent maxSockets is 6 instead of 1: it did not\s+help/);
    const { outcome, before, after } = verdict().tried[0];
    assert.equal(outcome, 'no help');
    assert.ok(after.inFlight > 2 * before.inFlight, 'the limit was raised');
  });

  it('says that a change could not be applied, where the program does not let it, and not that it was no help', async (t) => {
    const { watch, verdict } = await agents(t);
    const { err } = await watch(['--try', '--yes'], 'frozen');
    assert.match(err, /could not be\s+applied/);
    assert.doesNotMatch(err, /did not\s+help/);
    assert.deepEqual(
      verdict().tried.map(({ outcome }: { outcome: string }) => outcome),
      ['not applied'],
    );
  });

  it('keeps what helped, and tries the next limit on top of it', async (t) => {
    const { watch, verdict } = await agents(t);
    const { err } = await watch(['--try', '--yes'], 'two limits');
    const { tried } = verdict();
    assert.deepEqual(
      tried.map(({ text, outcome }: { text: string; outcome: string }) => [text, outcome]),
      [
        ['http.Agent maxTotalSockets is 6 instead of 1', 'helped'],
        ['http.Agent maxSockets is 6 instead of 2', 'helped'],
      ],
    );
    assert.match(err, /Left {6}partly: 6 wanted at once/);
    assert.match(err, /What helped stays: http\.Agent maxTotalSockets is 6/);
    assert.deepEqual(tried[1].before, tried[0].after);
    assert.equal(tried[1].after.overlap, 'concurrent');
  });

  it('puts no more load on a server than before, where nobody can be asked', async (t) => {
    const { watch, verdict } = await agents(t);
    const { err } = await watch(['--try']);
    assert.match(err, /Not tried: this needs --yes/);
    assert.deepEqual(verdict().tried, []);
  });

  it('asks on a terminal before it puts more load on a server, and takes no for an answer', {
    skip: PYTHON === undefined && 'needs python3',
  }, async (t) => {
    const { words, verdict } = await agents(t);
    const ask = async (answer: string) => {
      const { stdout } = await promisify(execFile)(PYTHON!, ['-c', TERMINAL, answer, ...words(['--try'])]);
      assert.match(stdout, /Run it\? \[y\/N\]/);
      return verdict().tried.map(({ outcome }: { outcome: string }) => outcome);
    };
    assert.deepEqual(await ask('n'), []);
    assert.deepEqual(await ask('y'), ['helped']);
  });

  it('changes nothing in the first run, and nothing without --try', async (t) => {
    const { watch, verdict } = await agents(t);
    const tried = await watch(['--try', '--yes'], 'told');
    assert.equal(tried.out, '[]\n["ABREAST_FIXES","ABREAST_FIXED"]\n');
    assert.equal((await watch([], 'told')).out, '[]\n');
    assert.equal('tried' in verdict(), false);
  });

  it('says that there is nothing to try where requests overlap, and leaves the exit code as it was', async (t) => {
    const { program, run } = await place(t);
    const { err, out } = await run(['watch', '--try', '--', ...program('fast')]);
    assert.match(err, /Try {7}Nothing: no cause was found\./);
    assert.equal(out, 'done\n');
    const failing = await run(['watch', '--try', '--', 'sh', '-c', 'exit 3']);
    assert.equal(failing.code, 3);
    const alone = await run(['watch', '--yes', '--', 'true']);
    assert.deepEqual([alone.code, alone.err], [2, 'error: --yes is for --try\n']);
  });
});
