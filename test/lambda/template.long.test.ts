import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { abreast } from '../e2e/abreast.ts';
import { lay } from '../folder.ts';
import { commandAt } from '../servers/index.ts';
import { HERE, laidReport, REPORT } from './packing.ts';

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
    '    MinLength: 1',
    '      Architectures: [x86_64]',
    '      VisibilityTimeout: 360',
  ])
    assert.ok(template.includes(`${line}\n`), line);
  assert.ok(!template.includes('STAGE'), 'a variable with a default');
  assert.doesNotMatch(template, /s3:prefix/, 'with it, S3 answers 403 for a turn that has not ended');

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

test('a variable that Lambda sets is none to ask for, and one that it can not have is told', async (t) => {
  const folder = laidReport(t);
  const make = (what: string, variable: string) => {
    writeFileSync(join(folder, 'nightly.yaml'), REPORT.replace('${TOKEN}', `\${${variable}}`));
    return abreast(['lambda', what, 'nightly.yaml', '--arch', HERE], { cwd: folder });
  };
  const { code, err } = await make('template', 'AWS_REGION');
  assert.equal(code, 0, err);
  assert.doesNotMatch(readFileSync(join(folder, 'template.yaml'), 'utf8'), /AWS_REGION|VarAwsRegion/);
  assert.match((await make('pack', 'AWS_REGION')).out, /the variables that it needs: SITE\n/);
  for (const what of ['pack', 'template'])
    for (const variable of ['_KEY', 'K'])
      assert.match(
        (await make(what, variable)).err,
        new RegExp(`can't have its variable ${variable}: .* Rename it`),
      );
});

test('a schedule that EventBridge refuses is told before anything is deployed', async (t) => {
  const folder = laidReport(t);
  const code = async (...args: string[]) =>
    (await abreast(['lambda', 'template', 'nightly.yaml', ...args], { cwd: folder })).code;
  for (const schedule of [
    'cron(15 3 * * *)',
    'cron(15 3 * * * *)',
    'cron(15 3 ? * ? *)',
    'rate(0 hours)',
    'rate(2 weeks)',
    'at(tomorrow)',
    '15 3 * * *',
  ])
    assert.equal(await code('--schedule', schedule), 2, schedule);
  assert.equal(await code('--timezone', '+02:00'), 2);
  for (const schedule of ['cron(0/5 8-17 ? * MON-FRI 2027)', 'rate(1 minute)', 'at(2027-01-31T03:15:00)'])
    assert.equal(await code('--schedule', schedule), 0, schedule);
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
  assert.match(
    await pack(REPORT.replace('out/counts.csv', '/data/counts.csv')),
    /^nightly\.yaml:6:\d+: \/data\/counts\.csv is on the disk of the function, which is gone after the run/,
  );
  assert.match(
    await pack(REPORT.replace('out/counts.csv', 'out/.latest/counts.csv')),
    /^nightly\.yaml:6:\d+: out\/\.latest\/counts\.csv has no place in the storage/,
  );
  assert.match(await pack(`testServer: true\n${REPORT}`), /testServer has no meaning in Lambda/);
});

test('what is in S3 is no matter of whoever packs: a dump there is not tried, rows there are a warning', async (t) => {
  const folder = laidReport(t);
  const env = {
    AWS_CONFIG_FILE: '/dev/null',
    AWS_SHARED_CREDENTIALS_FILE: '/dev/null',
    AWS_EC2_METADATA_DISABLED: 'true',
  };
  const pack = (report: string) => {
    writeFileSync(join(folder, 'nightly.yaml'), report);
    return abreast(['lambda', 'pack', 'nightly.yaml', '--arch', HERE, '--json'], { cwd: folder, env });
  };
  const dumped = await pack(REPORT.replace('out/counts.csv', '"s3://bucket/{{date}}/counts.csv"'));
  assert.deepEqual([dumped.code, dumped.err], [0, '']);
  const wrong = await pack(REPORT.replace('table: counts, to: out', 'table: count, to: s3://bucket'));
  assert.match(wrong.err, /nightly\.yaml:6:\d+: there is no table 'count'/);
  const read = await pack(REPORT.replace('in/services.csv', 's3://bucket/services.csv'));
  assert.equal(read.code, 0, read.err);
  assert.match(
    read.err,
    /^warning: the SQL is not checked, because the rows can't be read here: .*credentials/,
  );
  assert.deepEqual(JSON.parse(read.out).files, ['report/nightly.yaml']);
});
