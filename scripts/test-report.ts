import { relative } from 'node:path';
import type { EventData, run } from 'node:test';
import { inspect, styleText } from 'node:util';

type Ended = EventData.TestPass | EventData.TestFail;

/** How many tests did what; a suite is no test. */
export interface Outcome {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

/**
 * Prints one line a file while the tests run, each failure where it happens, and at the end the skipped with their
 * reasons and `N passed, N failed`.
 */
export async function reportTests(events: ReturnType<typeof run>): Promise<Outcome> {
  const skipped: string[] = [];
  const failures: string[] = [];
  const output = new Map<string, string>();
  let passed = 0;

  for await (const { type, data } of events) {
    switch (type) {
      case 'test:pass':
      case 'test:fail':
        switch (fateOf(type, data)) {
          case 'passed':
            passed++;
            break;
          case 'skipped':
            skipped.push(`${titleOf(data)}: ${reasonOf(data)}`);
            break;
          case 'failed':
            failures.push(titleOf(data));
            console.log(describeFailure(data as EventData.TestFail, output.get(data.file ?? '') ?? ''));
            break;
        }
        break;
      case 'test:stdout':
      case 'test:stderr':
        output.set(data.file, (output.get(data.file) ?? '') + data.message);
        break;
      case 'test:summary':
        if (data.file === undefined) break;
        console.log(fileLine(data));
        break;
    }
  }

  printEnd(passed, failures, skipped);
  return { passed, failed: failures.length, skipped: skipped.length };
}

/** undefined for what only holds tests: a file, a suite, a test that failed because of the tests in it. */
function fateOf(type: 'test:pass' | 'test:fail', data: Ended): 'passed' | 'failed' | 'skipped' | undefined {
  if (data.skip !== undefined || data.todo !== undefined) return 'skipped';
  if (type === 'test:pass') return data.details.type === 'suite' || isFile(data) ? undefined : 'passed';
  const { failureType } = (data as EventData.TestFail).details.error as { failureType?: string };
  return failureType === 'subtestsFailed' ? undefined : 'failed';
}

/** node:test reports the process of a file as a test with the file's name. */
function isFile(data: Ended): boolean {
  return data.name === data.file;
}

function describeFailure(data: EventData.TestFail, printed: string): string {
  const { error } = data.details;
  // A file that died says why on its standard error.
  const what = isFile(data) && printed !== '' ? printed.trimEnd() : inspect(error.cause ?? error);
  return `${styleText('red', `FAILED ${titleOf(data)}`)}\n${what.replace(/^/gm, '    ')}`;
}

function fileLine(data: EventData.TestSummary): string {
  const mark = data.success ? styleText('green', 'ok  ') : styleText('red', 'FAIL');
  const time = `${(data.duration_ms / 1000).toFixed(1)} s`;
  return `${mark} ${relative('', data.file ?? '').padEnd(52)} ${String(data.counts.passed).padStart(4)} passed ${time.padStart(8)}`;
}

function printEnd(passed: number, failures: readonly string[], skipped: readonly string[]): void {
  if (skipped.length > 0) {
    console.log(`\n${skipped.length} skipped:`);
    for (const line of skipped) console.log(`  ${line}`);
  }
  if (failures.length > 0) {
    console.log('\nfailed:');
    for (const line of failures) console.log(`  ${line}`);
  }
  const total = `${passed} passed, ${failures.length} failed`;
  console.log(`\n${styleText(failures.length === 0 ? 'green' : 'red', total)}`);
}

function titleOf(data: Ended): string {
  const file = relative('', data.file ?? '?');
  return isFile(data) ? file : `${file}:${data.line ?? 1} ${data.name}`;
}

function reasonOf({ skip, todo }: Ended): string {
  const reason = skip ?? todo;
  return typeof reason === 'string' && reason !== '' ? reason : 'no reason given';
}
