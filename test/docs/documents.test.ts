import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
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
      lay(folder, { 'ca.pem': certificate.cert });

      const real = (words: string) =>
        words
          .replaceAll(HTTP, `localhost:${server.httpPort}`)
          .replaceAll(HTTPS, `localhost:${server.httpsPort}`);
      for (const block of blocks) {
        for (const { command, output } of block.steps) {
          assert.equal(shapeOf(await run(folder, block, real(command))), shapeOf(real(output)), command);
        }
      }
    });

  test(`links in ${document} lead somewhere`, () => {
    for (const [, target] of markdown.matchAll(/\]\((?!https?:|#)([^)#]+)/g)) {
      assert.ok(existsSync(join(ROOT, dirname(document), target!)), target);
    }
  });
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

test('ARCHITECTURE.md has a reason for every dependency', () => {
  const { dependencies, devDependencies } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
  const [, section] = readFileSync(join(ROOT, 'ARCHITECTURE.md'), 'utf8').split('## Dependencies');
  for (const name of Object.keys({ ...dependencies, ...devDependencies })) {
    assert.ok(section!.includes(name), name);
  }
});
