// npm run torture: hostile servers, made by chance, against the built package (docs/robustness.md).

import { isInside, runInside } from './namespace.ts';
import { HELP, readOptions, type TortureOptions } from './options.ts';
import { commandOf, reportOf, summaryOf } from './report.ts';
import type { Tally } from './tally.ts';
import { torture, tortureOne } from './torture.ts';

/** Progress is told this often. */
const TELL_MS = 5000;

let options: TortureOptions | 'help';
try {
  options = readOptions(process.argv.slice(2));
} catch (error) {
  console.error(`torture: ${(error as Error).message}`);
  process.exit(2);
}
if (options === 'help') console.log(HELP);
else {
  const code = isInside() ? null : await runInside(import.meta.filename, process.argv.slice(2));
  if (code === null) leave(await run(options));
  else process.exitCode = code;
}

/** By exit(): some cases leave this process, the server, with a socket that Node's TLS never closes. */
function leave({ text, code }: Ended): void {
  process.stdout.write(text, () => process.exit(code));
}

/** What is to be said at the end, and the exit code. */
interface Ended {
  readonly text: string;
  readonly code: number;
}

async function run(options: TortureOptions): Promise<Ended> {
  if (!isInside())
    console.error(
      'torture: names are left out: this system allows no namespaces (unshare -nm, unshare -Urnm)',
    );
  const command = commandOf(options.seed);
  if (options.case !== null) {
    const { text, tally } = await tortureOne(options, options.case);
    return { text: `${text}\n${reportOf(tally, command, options.budgetMb)}\n`, code: isGood(tally) ? 0 : 1 };
  }
  let toldMs = Date.now();
  const tally = await torture(options, (sofar) => {
    if (Date.now() - toldMs < TELL_MS) return;
    toldMs = Date.now();
    console.error(summaryOf(sofar, options.budgetMb));
  });
  return { text: `${reportOf(tally, command, options.budgetMb)}\n`, code: isGood(tally) ? 0 : 1 };
}

function isGood({ faults, unexplained }: Tally): boolean {
  return faults.length === 0 && unexplained.length === 0;
}
