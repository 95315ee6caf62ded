import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { globSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { assembled, PARTS, PROBE } from '../../../scripts/node-probe.ts';
import { partsIn, textOf } from '../../../scripts/probe-parts.ts';

test('probe.cjs is what its parts give; if not: node scripts/node-probe.ts', () => {
  assert.equal(readFileSync(PROBE, 'utf8'), assembled());
});

test('each part is in order.txt, once, and says what it is for', () => {
  const parts = partsIn(PARTS);
  assert.deepEqual([...parts].sort(), globSync('*.cjs', { cwd: fileURLToPath(PARTS) }).sort());
  for (const part of parts.slice(1)) assert.match(textOf(part, PARTS), /^\/\/ [\w'][^\n]+\n/, part);
});

test('the probe loads no module, and puts nothing in the place of another, in a process that is not recorded', () => {
  const code = `
    const { connect } = require('net').Socket.prototype;
    const loaded = process.moduleLoadList.length;
    require(${JSON.stringify(fileURLToPath(PROBE))});
    console.log(process.moduleLoadList.length - loaded, require('net').Socket.prototype.connect === connect);`;
  const { ABREAST_TRACE: _, ...env } = process.env;
  const { stdout, stderr } = spawnSync(process.execPath, ['-e', code], { env, encoding: 'utf8' });
  assert.equal(stdout, '0 true\n', stderr);
});

/** ES2017 is what Node 8 reads: no `?.`, `??`, private names, object spread, `catch` without a variable. */
test('the probe has nothing newer than the JavaScript of Node 8', async () => {
  const { transformSync } = await import('esbuild');
  const text = readFileSync(PROBE, 'utf8');
  const plain = (target: string) =>
    transformSync(text, { target, loader: 'js', minify: false, legalComments: 'none' }).code;
  assert.equal(plain('es2017'), plain('esnext'));
});
