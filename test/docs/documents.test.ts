import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { text } from 'node:stream/consumers';
import { test } from 'node:test';
import { makeCertificate, startServer } from '../../src/testserver/index.ts';
import { lay, temporaryFolder } from '../folder.ts';
import { ROOT } from '../house/checkout.ts';
import { type Block, readBlocks, shapeOf } from './blocks.ts';

/** The ports of `abreast serve` in the documents. */
const HTTP = 'localhost:8080';
const HTTPS = 'localhost:8443';

const DOCUMENTS = globSync(['*.md', 'docs/*.md'], { cwd: ROOT }).sort();

for (const document of DOCUMENTS) {
  const markdown = readFileSync(join(ROOT, document), 'utf8');
  const blocks = readBlocks(markdown);

  if (blocks.length > 0)
    test(`what ${document} shows is what happens`, async (t) => {
      const folder = temporaryFolder(t);
      const certificate = await makeCertificate();
      const server = await startServer({ certificate });
      t.after(() => server.close());
      lay(folder, { 'ca.pem': certificate.cert, 'report.py': lockedProgram(server.httpUrl!) });

      const real = (words: string) =>
        words
          .replaceAll('/srv/', `${folder}/`)
          .replaceAll(HTTP, `localhost:${server.httpPort}`)
          .replaceAll(HTTPS, `localhost:${server.httpsPort}`);
      for (const block of blocks) {
        for (const { command, output } of block.steps) {
          const tools = command.includes('watch python') ? ['python', 'strace'] : [];
          const absent = tools.filter((tool) => spawnSync(tool, ['--version']).status !== 0);
          if (absent.length > 0) {
            t.diagnostic(`'${command}' was not run: there is no ${absent.join(', no ')} here`);
            continue;
          }
          const [, all, lines] = /^(.*?)(?: \| head -(\d+))?$/s.exec(command)!;
          const printed = shapeOf(await run(folder, block, real(all!)));
          // Cut here, for the lines that a busy machine adds do not count.
          assert.equal(
            firstLines(printed, Number(lines ?? Number.POSITIVE_INFINITY)),
            shapeOf(real(output)),
            command,
          );
        }
      }
    });

  test(`links in ${document} lead somewhere`, () => {
    for (const [, target] of markdown.matchAll(/\]\((?!https?:|#)([^)#]+)/g)) {
      assert.ok(existsSync(join(ROOT, dirname(document), target!)), target);
    }
  });
}

function firstLines(text: string, count: number): string {
  return text.split('\n').slice(0, count).join('\n');
}

/** The program that README.md watches: eight threads, whose requests share a lock. */
function lockedProgram(url: string): string {
  return `import threading, urllib.request

lock = threading.Lock()
def get(i):
    with lock:
        urllib.request.urlopen("${url}/delay/0.2?i=%d" % i).read()

threads = [threading.Thread(target=get, args=(i,)) for i in range(8)]
for thread in threads: thread.start()
for thread in threads: thread.join()
`;
}

/** Runs one command of a document, or one program, as a reader would; gives all that it prints. */
async function run(folder: string, { language }: Block, command: string): Promise<string> {
  if (language === 'ts') {
    const library = JSON.stringify(join(ROOT, 'src/fetch/index.ts'));
    lay(folder, { 'example.mts': command.replace(`'abreast'`, library) });
  }
  const line = language === 'ts' ? 'node example.mts' : command;
  const child = spawn('bash', ['-c', `{ ${line}\n} 2>&1`], {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'inherit'],
    env: {
      ...process.env,
      NO_COLOR: '1',
      PATH: `${join(ROOT, 'bin')}:${dirname(process.execPath)}:${process.env.PATH}`,
    },
  });
  const [printed] = await Promise.all([text(child.stdout), once(child, 'exit')]);
  return printed;
}

test('no block with output in README.md or docs/report.md stays unproved', () => {
  for (const document of ['README.md', 'docs/report.md'])
    for (const [, info, body] of readFileSync(join(ROOT, document), 'utf8').matchAll(
      /^```(.*)\n([\s\S]*?)^```$/gm,
    ))
      if (/^\$ /m.test(body!)) assert.equal(info, 'sh run', `${document}: ${body}`);
});

test('ARCHITECTURE.md has a reason for every dependency', () => {
  const { dependencies, devDependencies } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
  const [, section] = readFileSync(join(ROOT, 'ARCHITECTURE.md'), 'utf8').split('## Dependencies');
  for (const name of Object.keys({ ...dependencies, ...devDependencies })) {
    assert.ok(section!.includes(name), name);
  }
});
