import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseShard } from '../../src/cli/report/shard.ts';

test('a shard is given as its number, from 1, of how many', () => {
  assert.deepEqual(parseShard('1/4', {}), { number: 1, of: 4 });
  assert.deepEqual(parseShard('4/4', {}), { number: 4, of: 4 });
  for (const wrong of ['0/4', '5/4', '1/0'])
    assert.throws(() => parseShard(wrong, {}), /the first is 1/, wrong);
  for (const wrong of ['', '4', '1/', '/4', '1/x', '-1/4', '1.5/4', 'env/', '1/4/2'])
    assert.throws(() => parseShard(wrong, {}), /like 2\/4/, wrong);
});

test('Kubernetes, AWS Batch and Slurm say which shard a process is, from 0', () => {
  assert.deepEqual(parseShard('env/4', { JOB_COMPLETION_INDEX: '0' }), { number: 1, of: 4 });
  assert.deepEqual(parseShard('env', { JOB_COMPLETION_INDEX: '3', JOB_COMPLETIONS: '4' }), {
    number: 4,
    of: 4,
  });
  assert.deepEqual(parseShard('env', { AWS_BATCH_JOB_ARRAY_INDEX: '2', AWS_BATCH_JOB_ARRAY_SIZE: '10' }), {
    number: 3,
    of: 10,
  });
  assert.deepEqual(parseShard('env/4', { SLURM_ARRAY_TASK_ID: '3' }), { number: 4, of: 4 });
});

test('an array of Slurm may begin anywhere and have a step', () => {
  const array = (id: number, min: number, step: number, count: number) => ({
    SLURM_ARRAY_TASK_ID: `${id}`,
    SLURM_ARRAY_TASK_MIN: `${min}`,
    SLURM_ARRAY_TASK_STEP: `${step}`,
    SLURM_ARRAY_TASK_COUNT: `${count}`,
  });
  assert.deepEqual(parseShard('env', array(1, 1, 1, 4)), { number: 1, of: 4 });
  assert.deepEqual(parseShard('env', array(20, 10, 5, 4)), { number: 3, of: 4 });
  assert.throws(() => parseShard('env', array(12, 10, 5, 4)), /does not fit/);
});

test('an environment that does not say it is refused with what is missing', () => {
  assert.throws(
    () => parseShard('env', {}),
    /None of JOB_COMPLETION_INDEX, AWS_BATCH_JOB_ARRAY_INDEX, SLURM/,
  );
  assert.throws(() => parseShard('env', { JOB_COMPLETION_INDEX: '1' }), /JOB_COMPLETIONS.*env\/4/);
  assert.throws(
    () => parseShard('env/4', { JOB_COMPLETION_INDEX: '4' }),
    /^Error: JOB_COMPLETION_INDEX is 4, counted from 0: of 4 shards the last one is 3\.$/,
  );
  assert.throws(() => parseShard('env/4', { SLURM_ARRAY_TASK_ID: 'x' }), /'x', and should be a whole number/);
});
