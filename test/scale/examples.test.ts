import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { parse, parseAllDocuments } from 'yaml';
import { abreast } from '../e2e/abreast.ts';
import { temporaryFolder } from '../folder.ts';
import { environment } from '../watch/python/environments.ts';

const EXAMPLES = new URL('../../examples/scale/', import.meta.url).pathname;
const python = environment('scale312');

interface Container {
  readonly args: readonly string[];
}

interface Manifest {
  readonly kind: string;
  readonly data?: Readonly<Record<string, string>>;
  readonly spec?: { readonly template: { readonly spec: { readonly containers: readonly Container[] } } };
}

const manifests = parseAllDocuments(readFileSync(join(EXAMPLES, 'job.yaml'), 'utf8')).map(
  (document) => document.toJS() as Manifest,
);
const compose = parse(readFileSync(join(EXAMPLES, 'compose.yaml'), 'utf8'), { merge: true }) as {
  readonly services: Readonly<Record<string, { readonly image: string; readonly command: string }>>;
};

/** The command lines of abreast in the examples, as words. */
const commandLines = [
  ...Object.values(compose.services)
    .filter(({ image }) => image === 'abreast')
    .map(({ command }) => command.split(' ')),
  ...manifests.flatMap(({ spec }) => spec?.template.spec.containers.map(({ args }) => args) ?? []),
];

for (const version of ['1.28.0', '1.37.0'])
  test(`Kubernetes ${version} knows every field of the Job`, {
    skip: 'skip' in python && python.skip,
  }, () => {
    const { path } = python as { path: string };
    const file = join(EXAMPLES, 'job.yaml');
    const args = ['-m', 'kubernetes_validate', '--strict', '-k', version, file];
    const { status, stdout, stderr } = spawnSync(path, args, { encoding: 'utf8' });
    assert.equal(status, 0, `${stdout}${stderr}`);
    assert.equal(`${stdout}${stderr}`.match(/passed for resource/g)?.length, manifests.length);
  });

test('the examples use only commands and options that abreast has', async () => {
  assert.ok(commandLines.length >= 5);
  for (const [command, ...words] of commandLines) {
    const { code, out } = await abreast([command!, '--help']);
    assert.equal(code, 0, command);
    for (const option of words.filter((word) => word.startsWith('--')))
      assert.match(out, new RegExp(`${option}\\b`), `${command} ${option}`);
  }
});

test('the reports of the examples are right', async (t) => {
  const folder = temporaryFolder(t);
  const inManifest = manifests.flatMap(({ data }) => Object.values(data ?? {}));
  assert.equal(inManifest.length, 1);
  for (const text of [readFileSync(join(EXAMPLES, 'report.yaml'), 'utf8'), ...inManifest]) {
    // --check looks at the bucket of a dump, which is not there.
    writeFileSync(join(folder, 'report.yaml'), text.replace('s3://my-bucket/', ''));
    const { code, err } = await abreast(['report', '--check', 'report.yaml'], { cwd: folder });
    assert.equal(code, 0, err);
  }
});
