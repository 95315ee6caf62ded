import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, test } from 'node:test';
import { QuotaMeter } from '../../../src/watch/recorders/syscalls/quota.ts';

const root = mkdtempSync(join(tmpdir(), 'abreast-quota-'));
const meter = new QuotaMeter(root);
after(() => {
  meter.stop();
  rmSync(root, { recursive: true });
});

function write(path: string, text: string): void {
  mkdirSync(dirname(`${root}${path}`), { recursive: true });
  writeFileSync(`${root}${path}`, text);
}

test('the time that a quota held a process back is counted from when it was first seen, in both versions of control groups', () => {
  write('/proc/2/cgroup', '0::/app.slice\n');
  const second = '/sys/fs/cgroup/app.slice/cpu.stat';
  write(second, 'usage_usec 9\nnr_throttled 1\nthrottled_usec 1000\n');
  write('/proc/1/cgroup', '9:name=systemd:/\n4:cpu,cpuacct:/app\n0::/\n');
  const first = '/sys/fs/cgroup/cpu,cpuacct/app/cpu.stat';
  write(first, 'nr_periods 1\nnr_throttled 1\nthrottled_time 5000000\n');
  meter.watch(1);
  meter.watch(2);
  write(second, 'usage_usec 9\nnr_throttled 3\nthrottled_usec 41000\n');
  write(first, 'nr_periods 9\nnr_throttled 4\nthrottled_time 7000000\n');
  assert.deepEqual([meter.throttledUs(1), meter.throttledUs(2)], [2_000, 40_000]);
});

test('of a process in no such group the time is not known', () => {
  write('/proc/3/cgroup', '0::/gone\n');
  meter.watch(3);
  meter.watch(4);
  assert.deepEqual([meter.throttledUs(3), meter.throttledUs(4)], [undefined, undefined]);
});
