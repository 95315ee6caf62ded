import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { Verdict } from '../../../src/diagnose/index.ts';
import { NO_STRACE, place } from '../../cli/watched.ts';
import { shell } from '../../e2e/abreast.ts';
import { program } from './program.ts';
import { NO_RUBY, rubies } from './rubies.ts';

/** Programs that are slow for one reason, and what is true of them; their fast twins lack it. */
const SLOW = {
  loop: { overlap: 'serial', step: 'wanted', cause: 'await-in-loop', wanted: 10 },
  mutex: { overlap: 'serial', step: 'dispatched', cause: 'lock', wanted: 10 },
  tokens: { overlap: 'serial', step: 'dispatched', cause: 'semaphore', wanted: 10 },
  queue: { overlap: 'partly', step: 'dispatched', cause: 'worker-limit', wanted: 20 },
} as const;

/** Long answers: those of the fast twins overlap on a busy machine, too. */
const SECONDS = '0.5';

const installed = rubies();
test('programs in Ruby are judged', { skip: installed.length === 0 && NO_RUBY }, () => {});

for (const { version, path } of installed)
  for (const [name, expected] of Object.entries(SLOW)) {
    const isSlow = ({ overlap, step, causes }: Verdict) =>
      assert.deepEqual([overlap, step, causes[0]?.id], [expected.overlap, expected.step, expected.cause]);
    const isFast = ({ overlap, causes, requests, wanted }: Verdict) =>
      assert.deepEqual(
        [overlap, causes, requests, wanted],
        ['concurrent', [], expected.wanted, expected.wanted],
      );

    for (const [how, judged] of [
      ['slow', isSlow],
      ['fast', isFast],
    ] as const) {
      test(`Ruby ${version}: watch says what is true of the ${how} ${name}`, {
        skip: NO_STRACE,
      }, async (t) => {
        const { url, verdict } = await place(t);
        const env = { URL: url.replace(/0\.1$/, SECONDS) };
        judged(await verdict(['--', path, program(name), how], { env }));
      });

      test(`Ruby ${version}: so does judge of what the kit recorded of the ${how} ${name}`, async (t) => {
        const { folder, url, run } = await place(t);
        await run(['watch', '--kit', 'kit']);
        const set = `RUBYOPT=-r${folder}/kit/abreast_probe.rb ABREAST_TRACE=${folder}/t-%p.jsonl URL=${url.replace(/0\.1$/, SECONDS)}`;
        await shell(`${set} ${path} ${program(name)} ${how}`);
        const traces = readdirSync(folder).filter((file) => file.startsWith('t-'));
        const checked = await run(['judge', '--check', ...traces]);
        assert.equal(checked.code, 0, checked.out + checked.err);
        const { out } = await run(['judge', '--json', ...traces.map((file) => join(folder, file))]);
        judged(JSON.parse(out));
      });
    }
  }
