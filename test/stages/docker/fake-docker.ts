import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { lay, temporaryFolder } from '../../folder.ts';

/** What the fake does otherwise than usual. */
export interface Habits {
  /** What `up` prints before it fails. */
  readonly upFails?: string;
  /** Of the machine that containers run on. */
  readonly architecture?: string;
  /** The trace that the probes leave in a container; none where it is absent. */
  readonly trace?: string;
}

/** The Python that its containers say they have. */
export const PYTHON = '3.7.16';

/**
 * A `docker` with compose, before all others on PATH while the test runs: it says what it is asked, starts nothing, and
 * has a server that answers two requests of each run, half a second of them together.
 */
export function fakeDocker(t: TestContext, habits: Habits = {}): { calls(): string[] } {
  const folder = temporaryFolder(t);
  const log = join(folder, 'calls');
  lay(folder, {
    calls: '',
    log: '',
    'bin/docker': `#!${process.execPath}\n(${command})(${JSON.stringify({ folder, PYTHON, ...habits })});\n`,
  });
  const { PATH } = process.env;
  process.env.PATH = `${join(folder, 'bin')}:${PATH}`;
  t.after(() => {
    process.env.PATH = PATH;
  });
  return { calls: () => readFileSync(log, 'utf8').split('\n').filter(Boolean) };
}

/** The program itself: its text is what runs. */
function command({
  folder,
  PYTHON,
  upFails,
  architecture = 'amd64',
  trace,
}: Habits & { folder: string; PYTHON: string }) {
  const fs = process.getBuiltinModule('node:fs');
  const words = process.argv.slice(2);
  fs.appendFileSync(`${folder}/calls`, `${words.join(' ')}\n`);
  const say = (text: string) => process.stdout.write(`${text}\n`);
  const [verb, ...rest] = words;
  if (verb === 'version') say(architecture);
  else if (verb === 'compose' && rest[0] === 'version') say('v2.29.1');
  else if (verb === 'compose' && rest.includes('up') && upFails) {
    say(upFails);
    process.exitCode = 1;
  } else if (verb === 'ps') say('stage1-3.7 the-stage\nhttps_server the-server');
  else if (verb === 'logs') say(fs.readFileSync(`${folder}/log`, 'utf8'));
  else if (verb === 'cp' && rest[0]!.startsWith('the-stage:')) {
    fs.mkdirSync(rest[1]!);
    if (trace) fs.copyFileSync(trace, `${rest[1]}/7.jsonl`);
  } else if (verb === 'exec' && rest.includes('program.py')) {
    const [n, url] = rest.slice(rest.indexOf('program.py') + 1) as [string, string];
    const { pathname, search } = new URL(url);
    for (const [get, second] of [
      [0, 11],
      [1, 11.5],
    ]) {
      const time = new Date(second! * 1000).toISOString();
      const uri = `${pathname}${search}&get=${get}`;
      fs.appendFileSync(`${folder}/log`, `${JSON.stringify({ time, uri, duration_ms: 1000 })}\n`);
    }
    const ok = Number(n);
    say(JSON.stringify({ n: ok, ok, seconds: 1, socket: ['socket.socket'], version: PYTHON }));
  }
}
