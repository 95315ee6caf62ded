import assert from 'node:assert/strict';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { basename, delimiter, join } from 'node:path';
import { describe, it } from 'node:test';
import { probes } from '../../src/watch/recorders/list.ts';
import { abreast, begin, end, folder, shell } from '../e2e/abreast.ts';
import { NO_STRACE, place, textOf } from './watched.ts';

describe('abreast watch', () => {
  it('says that one program asks one by one, and the other at once', async (t) => {
    const { program, verdict } = await place(t);
    const slow = await verdict(['--', ...program('slow')]);
    assert.deepEqual([slow.overlap, slow.step, slow.requests, slow.inFlight.max], ['serial', 'wanted', 6, 1]);
    const fast = await verdict(['--', ...program('fast')]);
    assert.deepEqual([fast.overlap, fast.step, fast.wanted, fast.inFlight.max], ['concurrent', 'none', 6, 6]);
    assert.deepEqual(fast.causes, []);
  });

  it("leaves the program's output, input and exit code alone, and speaks on standard error", async (t) => {
    const { run } = await place(t);
    const { code, out, err } = await run(['watch', 'sh', '-c', 'cat; echo oops >&2; exit 3'], {
      stdin: 'text',
    });
    assert.deepEqual([code, out], [3, 'text']);
    assert.match(err, /^oops\nunknown: no request was seen\n/);
  });

  it('with --json keeps standard output for the JSON, with --json-file it leaves both alone', async (t) => {
    const { folder, program, run } = await place(t);
    const json = await run(['watch', '--json', '--', ...program('fast')]);
    assert.equal(JSON.parse(json.out).version, 2);
    assert.match(json.err, /^done\n/);
    const file = await run(['watch', '--json-file', 'verdict.json', '--', ...program('fast')]);
    assert.equal(file.out, 'done\n');
    assert.equal(JSON.parse(readFileSync(join(folder, 'verdict.json'), 'utf8')).overlap, 'concurrent');
  });

  it('dies of the signal that the program died of, and says so', async (t) => {
    const { run } = await place(t);
    const { code, signal, err } = await run(['watch', '--', 'sh', '-c', 'kill -KILL $$']);
    assert.ok(signal === 'SIGKILL' || code === 137, `${code} ${signal}`);
    assert.match(err, /SIGKILL ended the program/);
  });

  it('runs a script that does not say what runs it, as shells do', async (t) => {
    const { folder, run } = await place(t);
    writeFileSync(join(folder, 'script'), 'echo "$0" "$1"; exit 5\n', { mode: 0o755 });
    const { code, out } = await run(['watch', './script', 'one']);
    assert.deepEqual([code, out], [5, './script one\n']);
  });

  it('ends with 127 for a command that is not there, and 126 for one that may not be run', async (t) => {
    const { folder, run } = await place(t);
    const none = await run(['watch', 'no-such-command']);
    assert.deepEqual([none.code, none.out], [127, '']);
    assert.match(none.err, /^abreast watch: no-such-command: there is no such command in PATH\n$/);
    writeFileSync(join(folder, 'script'), '#!/bin/sh\n');
    chmodSync(join(folder, 'script'), 0o644);
    assert.equal((await run(['watch', './script'])).code, 126);
    const nothing = await run(['watch']);
    assert.equal(nothing.code, 2);
    assert.match(nothing.err, /abreast watch -- python report\.py/);
  });

  it('does not begin where the trace could not be written', async (t) => {
    const { run } = await place(t);
    const { code, out, err } = await run(['watch', '--trace', 'none/t.jsonl', '--', 'echo', 'began']);
    assert.deepEqual([code, out], [2, '']);
    assert.match(err, /^error: --trace none\/t\.jsonl can't be written: .*\n$/);
  });

  it('sees what children of the command ask', async (t) => {
    const { folder, program, verdict } = await place(t);
    const line = program('slow', 2).join(' ');
    const told = await verdict(['--trace', 't.jsonl', 'sh', '-c', `${line} & ${line}; wait`]);
    assert.equal(told.requests, 4);
    const exchanges = textOf([join(folder, 't.jsonl')]).match(/"kind":"exchange".*"pid":(\d+)/g)!;
    assert.equal(new Set(exchanges.map((line) => /"pid":(\d+)/.exec(line)![1])).size, 2);
  });

  it('does not end a program at once because --for is longer than a timer can wait', async (t) => {
    const { run } = await place(t);
    const { code, out, err } = await run([
      'watch',
      '--for',
      '600h',
      '--',
      'sh',
      '-c',
      'sleep 1; echo to its end',
    ]);
    assert.match(out, /to its end/);
    assert.doesNotMatch(err, /TimeoutOverflowWarning/);
    assert.equal(code, 0);
  });

  it('gives its verdict after --for, and ends well', async (t) => {
    const { run, url } = await place(t);
    const loop = `setInterval(() => fetch('${url}'), 50)`;
    const { code, out } = await run([
      'watch',
      '--json',
      '--for',
      '1500ms',
      '--',
      process.execPath,
      '-e',
      loop,
    ]);
    assert.equal(code, 0);
    assert.ok(JSON.parse(out).requests > 3, out);
  });

  it('passes a SIGTERM on, and gives its verdict all the same', async (t) => {
    const { folder, url } = await place(t);
    const loop = `setInterval(() => fetch('${url}').then(() => console.log('answered')), 50)`;
    const child = begin(['watch', '--json-file', 'v.json', '--', process.execPath, '-e', loop], {
      cwd: folder,
    });
    const ended = end(child);
    let answered = 0;
    const twice = new Promise<void>((resolve) => {
      child.stdout!.on('data', (text) => {
        answered += String(text).split('\n').length - 1;
        if (answered > 1) resolve();
      });
    });
    await Promise.race([twice, ended]);
    child.kill('SIGTERM');
    const { code, signal } = await ended;
    assert.ok(signal === 'SIGTERM' || code === 143, `${code} ${signal}`);
    assert.ok(JSON.parse(readFileSync(join(folder, 'v.json'), 'utf8')).requests > 1);
  });

  it('with --expect ends with 1 where it is not met, 125 where nobody can tell, or as the program ends', async (t) => {
    const { program, run } = await place(t);
    const expect = async (...command: readonly string[]) => run(['watch', '--expect', '3', '--', ...command]);
    const met = await expect(...program('fast'));
    assert.equal(met.code, 0);
    assert.match(met.err, /^expected 3: max 6, mean \d\.\d: ok$/m);
    assert.equal((await expect(...program('slow'))).code, 1);
    assert.equal((await expect('true')).code, 125);
    assert.equal((await expect('sh', '-c', 'exit 7')).code, 7);
  });

  it('says what strace would see where it is missing, and judges by what the program tells', async (t) => {
    const { folder, program, run } = await place(t);
    mkdirSync(join(folder, 'bin'));
    symlinkSync(process.execPath, join(folder, 'bin', 'node'));
    const { err, code } = await run(['watch', '--', ...program('slow')], {
      env: { PATH: join(folder, 'bin') },
    });
    assert.equal(code, 0);
    assert.match(err, /^serial: 6 requests/m);
    assert.match(err, /^unseen syscalls: strace is not installed: apt-get install strace/m);
  });

  it('with --no-syscalls records from inside alone', async (t) => {
    const { program, run } = await place(t);
    const { err, out } = await run(['watch', '--no-syscalls', '--json', '--', ...program('slow')]);
    assert.match(err, /^unseen syscalls: not recorded, as --no-syscalls asked$/m);
    const { overlap, recorders } = JSON.parse(out);
    assert.equal(overlap, 'serial');
    assert.deepEqual(
      recorders
        .filter(({ sees }: { sees: string[] }) => sees.length > 0)
        .map(({ name }: { name: string }) => name),
      ['node'],
    );
  });

  it('says that this user may not trace, and how to allow it', async (t) => {
    const { folder, program, run } = await place(t);
    mkdirSync(join(folder, 'bin'));
    const refusing = `#!/bin/sh\n[ "$1" = --version ] && echo 'strace -- version 6.1' && exit 0\necho 'strace: ptrace(PTRACE_TRACEME, ...): Operation not permitted' >&2\nexit 1\n`;
    writeFileSync(join(folder, 'bin', 'strace'), refusing, { mode: 0o755 });
    const env = { PATH: join(folder, 'bin') + delimiter + process.env.PATH };
    const { err } = await run(['watch', '--', ...program('fast')], { env });
    assert.match(err, /^concurrent: /m);
    assert.match(err.replace(/\s+/g, ' '), /unseen syscalls: .*ptrace.*--cap-add SYS_PTRACE/);
  });

  it('keeps secrets out of the trace and of all that it says', async (t) => {
    const { folder, run, url } = await place(t);
    const ask = `fetch('${url}?token=s3cr3t-in-url', { headers: { authorization: 'Bearer s3cr3t-in-header' } })`;
    writeFileSync(join(folder, 'asks.mjs'), `await Promise.all([${ask}, ${ask}])`);
    const command = [process.execPath, 'asks.mjs', '--token', 's3cr3t-in-argv'];
    const env = { HTTP_PROXY_PASSWORD: 's3cr3t-in-env' };
    const text = await run(['watch', '--trace', 't.jsonl', '--', ...command], { env });
    const json = await run(['watch', '--json', '--', ...command], { env });
    for (const told of [text.out, text.err, json.out, json.err, textOf([join(folder, 't.jsonl')])])
      assert.doesNotMatch(told, /s3cr3t/);
    assert.equal(JSON.parse(json.out).requests, 2);
  });

  it('with --keep-urls leaves credentials in the URLs that system calls show, and without it does not', {
    skip: NO_STRACE,
  }, async (t) => {
    const { folder, run, url } = await place(t);
    const traced = async (...options: readonly string[]) => {
      await run(['watch', ...options, '--trace', 't.jsonl', '--', 'curl', '-s', `${url}?token=s3cr3t`]);
      return textOf([join(folder, 't.jsonl')]);
    };
    assert.match(await traced('--keep-urls'), /"url":"[^"]*\?token=s3cr3t"/);
    assert.match(await traced(), /"url":"[^"]*\?token=\*\*\*"/);
  });

  it('names the machine in a trace as get and the probes name it', async (t) => {
    const { folder, program, run, url } = await place(t);
    await run(['watch', '--kit', 'kit']);
    await run(['watch', '--trace', 'watched.jsonl', '--', ...program('fast', 2)]);
    await run(['get', '--trace', 'got.jsonl', url]);
    const env = `NODE_OPTIONS='--require ${folder}/kit/probe.cjs' ABREAST_TRACE=${folder}/probed.jsonl`;
    await shell(`${env} ${program('fast', 2).join(' ')}`, { cwd: folder });
    const hosts = ['watched', 'got', 'probed'].map(
      (name) => JSON.parse(textOf([join(folder, `${name}.jsonl`)]).split('\n', 1)[0]!).host.os,
    );
    assert.deepEqual(hosts, [process.platform, process.platform, process.platform]);
  });

  it('says what CPU time the program used', async (t) => {
    const { folder, program, run } = await place(t);
    await run(['watch', '--trace', 't.jsonl', '--', ...program('fast', 2)]);
    const records = textOf([join(folder, 't.jsonl')])
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    const { cpuUs, argv } = records.find(({ kind, cpuUs }) => kind === 'process' && cpuUs !== undefined);
    assert.ok(cpuUs > 1000, String(cpuUs));
    assert.equal(argv[0], process.execPath);
  });

  it('keeps the last ten traces for their owner alone', async (t) => {
    const { run, traces } = await place(t);
    await run(['watch', 'true']);
    const kept = join(traces()[0]!, '..');
    for (let day = 10; day < 25; day++)
      writeFileSync(join(kept, `202601${day}T000000000Z-old-${day}.jsonl`), '');
    await run(['watch', 'true']);
    assert.equal(traces().length, 10);
    assert.equal(traces().filter((path) => path.includes('-true-')).length, 2);
    const [own] = traces().filter((path) => path.includes('-true-'));
    assert.equal(statSync(own!).mode & 0o777, 0o600);
  });

  it('judges only the origins that it is told to', async (t) => {
    const { program, url, verdict } = await place(t);
    const origin = new URL(url).origin;
    const count = async (...options: readonly string[]) =>
      (await verdict([...options, '--', ...program('slow', 2)])).requests;
    assert.equal(await count('--only', origin), 2);
    assert.equal(await count('--only', 'https://example.com'), 0);
    assert.equal(await count('--ignore', origin), 0);
  });

  it('gives people the verdict first, then why, and bars that fit 80 columns', async (t) => {
    const { program, run } = await place(t);
    const { err } = await run(['watch', '--', ...program('slow', 30)]);
    const lines = err.trimEnd().split('\n');
    assert.match(lines[0]!, /^serial: 30 requests/);
    assert.ok(
      lines.some((line) => /^where +asked at .*program\.mjs:\d+$/.test(line)) || /program\.mjs:\d/.test(err),
      err,
    );
    assert.deepEqual(
      lines.filter((line) => line.length > 80 && !line.startsWith('trace ')),
      [],
    );
    assert.equal(lines.filter((line) => /^GET \/delay/.test(line)).length, 20);
    assert.match(err, /the first 20 of 30/);
  });

  it('names the commands that record what docker, ssh and the like start', async (t) => {
    const { run } = await place(t);
    const docker = await run(['watch', 'docker', 'run', '--rm', 'python:slim', 'python', 'x.py']);
    assert.equal(docker.code, 125);
    assert.match(
      docker.err,
      /docker run -v \S+ -v \S+ -e PYTHONPATH=\/abreast .* --rm python:slim python x\.py$/m,
    );
    assert.match(docker.err, /--cap-add SYS_PTRACE/);
    const ssh = await run(['watch', '--', 'ssh', '-p', '22', 'host', 'python', 'x.py']);
    assert.match(ssh.err, /^ {2}ssh -p 22 host 'env PYTHONPATH=\/tmp\/abreast-kit .* python x\.py'$/m);
    const pod = await run(['watch', 'kubectl', 'exec', '-n', 'prod', 'web', '--', 'node', 'x.js']);
    assert.match(pod.err, /^ {2}kubectl exec -n prod web -- env PYTHONPATH=.* node x\.js$/m);
  });

  it("judges a browser's recording", async (t) => {
    const { folder, run } = await place(t);
    const entry = (at: number) => ({
      startedDateTime: new Date(1_700_000_000_000 + at).toISOString(),
      time: 100,
      request: { method: 'GET', url: 'https://example.com/', headers: [] },
      response: { status: 200, headers: [], content: {} },
      timings: { send: 0, wait: 100, receive: 0 },
    });
    writeFileSync(
      join(folder, 'a.har'),
      JSON.stringify({ log: { version: '1.2', entries: [0, 1, 2].map((n) => entry(n * 100)) } }),
    );
    const watched = await run(['watch', '--json', '--har', 'a.har']);
    assert.equal(JSON.parse(watched.out).overlap, 'serial');
    const judged = await run(['judge', '--json', 'a.har']);
    assert.equal(judged.out, watched.out);
  });

  it('counts what curl asks by its system calls', { skip: NO_STRACE }, async (t) => {
    const { url, verdict } = await place(t);
    const serial = await verdict(['curl', '-s', url, url, url]);
    assert.deepEqual(
      [serial.overlap, serial.step, serial.wanted, serial.requests],
      ['serial', 'wanted', null, 3],
    );
    const parallel = await verdict([
      '--',
      'curl',
      '-s',
      '-Z',
      '--parallel-immediate',
      url,
      `${url}?b`,
      `${url}?c`,
    ]);
    assert.deepEqual([parallel.overlap, parallel.inFlight.max], ['concurrent', 3]);
    const loop = await verdict(['sh', '-c', `for u in 1 2 3; do curl -s ${url}; done`]);
    assert.deepEqual([loop.overlap, loop.requests], ['serial', 3]);
  });

  it('says that some of what the program started runs on', { skip: NO_STRACE }, async (t) => {
    const { run } = await place(t);
    const { code, err } = await run(['watch', 'sh', '-c', 'sleep 2 & exit 5']);
    assert.equal(code, 5);
    assert.match(err.replace(/\s+/g, ' '), /some of the processes that the command started run on/);
  });

  it('gives the program its terminal', {
    skip: !existsSync('/usr/bin/script') && 'needs script (util-linux)',
  }, async () => {
    const { out } = await shell(
      `script -qec "$abreast watch -- sh -c 'test -t 0 -a -t 1 && echo terminal'" /dev/null`,
    );
    assert.match(out, /terminal/);
  });
});

describe('the kit', () => {
  it('records without abreast, a file a process, which are judged together', async (t) => {
    const { folder, program, run } = await place(t);
    const { out } = await run(['watch', '--kit', 'kit']);
    assert.deepEqual(out.trimEnd().split('\n').toSorted(), [
      'kit/README.md',
      ...probes.map(({ file }) => `kit/${basename(file)}`).toSorted(),
    ]);
    const line = program('fast', 4).join(' ').replace('/together/4', '/together/8');
    const variables = `NODE_OPTIONS='--require ${folder}/kit/probe.cjs' ABREAST_TRACE=${folder}/t-%p.jsonl`;
    const plain = await shell(`${variables} sh -c '${line} & ${line}; wait'`, { cwd: folder });
    assert.equal(plain.out, 'done\ndone\n', plain.err);
    const judged = await shell('$abreast judge --json t-*.jsonl', { cwd: folder });
    const verdict = JSON.parse(judged.out);
    assert.deepEqual([verdict.requests, verdict.overlap, verdict.inFlight.max], [8, 'concurrent', 8]);
  });
});

describe('abreast judge', () => {
  it('gives the verdict that watch gave', async (t) => {
    const { program, run } = await place(t);
    // Long answers: what lies between two of them is little, on a busy machine too.
    const slow = program('slow', 3).map((word) => word.replace('/delay/0.1', '/delay/0.7'));
    const watched = await run(['watch', '--json', '--trace', 't.jsonl.zst', '--', ...slow]);
    const judged = await run(['judge', '--json', 't.jsonl.zst']);
    assert.equal(judged.out, watched.out);
    assert.equal((await run(['judge', '--expect', '6', 't.jsonl.zst'])).code, 1);
    assert.equal((await run(['judge', '--expect', '1', 't.jsonl.zst'])).code, 0);
  });

  it('says in a line what is no trace', async (t) => {
    const { folder, run } = await place(t);
    writeFileSync(join(folder, 'x.jsonl'), 'hello\n');
    const { code, err } = await run(['judge', 'x.jsonl']);
    assert.equal(code, 2);
    assert.match(err, /^error: x\.jsonl: no format that abreast knows/);
    assert.equal((await run(['judge', 'none.jsonl'])).code, 2);
  });
});

describe('abreast doctor', () => {
  it('says of each thing what can be recorded here', async (t) => {
    const { run } = await place(t);
    const { code, out } = await run(['doctor']);
    assert.equal(code, 0);
    const findings = JSON.parse((await run(['doctor', '--json'])).out);
    for (const { what } of findings) assert.match(out, new RegExp(`^${what} `, 'm'));
    assert.ok(out.split('\n').every((line) => line.length <= 80));
  });

  it('says what would allow what is not', async (t) => {
    const { folder, run } = await place(t);
    const { out } = await run(['doctor'], { env: { PATH: folder } });
    assert.match(out, /^system calls +no +strace is not installed: apt-get install strace/m);
  });
});

describe('judge --check', () => {
  it('says what is wrong with a trace by line, with exit code 1, and 0 for one that is right', async () => {
    const cwd = folder();
    const run = { kind: 'run', version: 2, startedUs: 0, command: [], recorders: [] };
    const end = { kind: 'end', endedUs: 9, lost: {} };
    const lines = (...records: object[]) => records.map((record) => JSON.stringify(record)).join('\n');
    writeFileSync(join(cwd, 'good.jsonl'), lines(run, end));
    writeFileSync(join(cwd, 'bad.jsonl'), lines(run, { kind: 'note', atUs: 'x', text: '' }, end));
    const good = await abreast(['judge', '--check', 'good.jsonl'], { cwd });
    assert.deepEqual([good.code, good.out], [0, 'good.jsonl: 2 records, nothing is wrong\n']);
    const bad = await abreast(['judge', '--check', 'good.jsonl', 'bad.jsonl'], { cwd });
    assert.equal(bad.code, 1);
    assert.match(bad.out, /^bad\.jsonl:2: note\.atUs: expected number, received string$/m);
    const json = await abreast(['judge', '--check', '--json', 'bad.jsonl'], { cwd });
    assert.equal(JSON.parse(json.out).faults[0].line, 2);
    const none = await abreast(['judge', '--check', 'none.jsonl'], { cwd });
    assert.deepEqual(
      [none.code, none.err],
      [2, "error: none.jsonl: the trace can't be read: no such file or folder\n"],
    );
  });
});
