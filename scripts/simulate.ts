/**
 * `npm run simulate -- --seeds 100000 [--from N]`: runs the engine in simulated time against hostile servers, a seed
 * after the other. Ends with the number of failures; each names its seed, and `--from SEED --seeds 1` runs it again.
 */
import { parseArgs } from 'node:util';
import { simulate } from '../simulation/simulate.ts';

const { values } = parseArgs({
  options: { seeds: { type: 'string', default: '1000' }, from: { type: 'string', default: '1' } },
});
const from = Number(values.from);
const count = Number(values.seeds);
if (!Number.isInteger(from) || !Number.isInteger(count) || count < 1) {
  console.error('simulate: --seeds and --from are whole numbers');
  process.exit(2);
}

const startedMs = performance.now();
let shownMs = startedMs;
let failures = 0;
let inputs = 0;
let simulatedMs = 0;
for (let seed = from; seed < from + count; seed++) {
  const run = await simulate(seed);
  inputs += run.inputs;
  simulatedMs += run.simulatedMs;
  if (run.failure !== null) {
    failures++;
    console.log(`seed ${seed}: ${run.failure} ${JSON.stringify(run.options)}`);
  }
  if (process.stderr.isTTY && performance.now() - shownMs > 1000) {
    shownMs = performance.now();
    process.stderr.write(`\r${seed - from + 1} of ${count} seeds, ${failures} failures`);
  }
}
const seconds = ((performance.now() - startedMs) / 1000).toFixed(1);
const days = (simulatedMs / 86_400_000).toFixed(1);
if (process.stderr.isTTY) process.stderr.write('\n');
console.log(`${count} seeds, ${inputs} inputs, ${days} simulated days in ${seconds} s: ${failures} failures`);
process.exitCode = failures === 0 ? 0 : 1;
