import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { abreast } from '../e2e/abreast.ts';
import { lay } from '../folder.ts';
import { commandAt } from '../servers/index.ts';
import { laidReport, REPORT } from './packing.ts';

const NO_LINT = commandAt('cfn-lint') === undefined && 'needs cfn-lint: scripts/system.sh cfn-lint';

test('the template asks for the variables of the report, and cfn-lint finds nothing in it', async (t) => {
  const folder = laidReport(t);
  const { code, err } = await abreast(
    ['lambda', 'template', 'nightly.yaml', '--arch', 'x64', '--schedule', 'rate(1 hour)', '--timeout', '300'],
    { cwd: folder },
  );
  assert.equal(code, 0, err);
  const template = readFileSync(join(folder, 'template.yaml'), 'utf8');
  for (const line of [
    '  VarSite:',
    '          TOKEN: !Ref VarToken',
    '      Architectures: [x86_64]',
    '      VisibilityTimeout: 360',
  ])
    assert.ok(template.includes(`${line}\n`), line);
  assert.ok(!template.includes('STAGE'), 'a variable with a default');

  await t.test('cfn-lint', { skip: NO_LINT }, () => {
    lay(folder, { 'function.zip': '' });
    const { status, stdout } = spawnSync(commandAt('cfn-lint')!, ['template.yaml'], {
      cwd: folder,
      encoding: 'utf8',
    });
    assert.equal(status, 0, stdout);
    writeFileSync(join(folder, 'template.yaml'), template.replace('MemorySize: 1769', 'MemorySize: 17'));
    assert.notEqual(
      spawnSync(commandAt('cfn-lint')!, ['template.yaml'], { cwd: folder }).status,
      0,
      'it looks',
    );
  });
});

test('what a function could not do is told before it is packed', async (t) => {
  const folder = laidReport(t);
  const pack = async (report: string) => {
    writeFileSync(join(folder, 'nightly.yaml'), report);
    const { code, err } = await abreast(['lambda', 'pack', 'nightly.yaml'], { cwd: folder });
    assert.equal(code, 2);
    assert.ok(!existsSync(join(folder, 'function.zip')));
    return err;
  };
  assert.match(await pack(REPORT.replace('in/services.csv', '/etc/passwd.csv')), /there is no file/);
  lay(folder, { '../outside.csv': 'id\n1\n' });
  assert.match(
    await pack(REPORT.replace('in/services.csv', join(dirname(folder), 'outside.csv'))),
    /outside\.csv, which is outside of its folder.*Move it beside the report/,
  );
  assert.match(
    await pack(REPORT.replace('sum(status)', 'sum(stats)')),
    /nightly\.yaml:5:\d+: .*did you mean 'status'/,
  );
  assert.match(await pack(`testServer: true\n${REPORT}`), /testServer has no meaning in Lambda/);
});
