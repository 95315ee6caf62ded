import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { distributionsIn } from '../../src/compare/environment/distributions.ts';
import { plainEnvironment } from '../../src/compare/environment/environment.ts';
import type { Run } from '../../src/compare/run.ts';
import { suspectsOf } from '../../src/compare/suspects.ts';
import { lay, temporaryFolder } from '../folder.ts';

function installed(name: string, files: Record<string, string>): Record<string, string> {
  const info = `${name}-1.0.dist-info`;
  const record = Object.keys(files).map((file) => `${file},,\n`);
  return {
    ...files,
    [`${info}/METADATA`]: `Name: ${name}\nVersion: 1.0\n`,
    [`${info}/RECORD`]: record.join(''),
  };
}

test('what is merely installed and runs at the start of Python is suspected, and what a .pth file only points to is not', async (t) => {
  const folder = temporaryFolder(t);
  const packages = join(folder, 'site-packages');
  lay(packages, {
    ...installed('tracer', { 'tracer.py': '', 'tracer.pth': 'import tracer\n' }),
    ...installed('setuptools', { 'distutils-precedence.pth': 'import os; pass\n' }),
    ...installed('ours', { '__editable__.ours-1.0.pth': 'import __editable___ours_finder\n' }),
    ...installed('namespaced', { 'namespaced-nspkg.pth': 'import sys\n' }),
    'paths.pth': '/srv/lib\n',
    'sitecustomize.py': '',
  });
  const trace = join(import.meta.dirname, '..', 'traces', 'cases', 'aria2c-one-at-a-time.fast.jsonl.zst');
  const run = { trace, verdict: { causes: [] } };
  const environment = { ...plainEnvironment(), distributions: distributionsIn([packages]) };
  const suspects = await suspectsOf(run as unknown as Run, environment);
  assert.deepEqual(
    suspects.flat().map(({ name }) => name),
    ['tracer', 'sitecustomize.py'],
  );
});
