import { statSync } from 'node:fs';
import { InvalidArgumentError } from 'commander';
import { UsageError } from './usage.ts';

/**
 * A parser for paths of this machine: a URL would become a folder of that name, or an error at the end of the run.
 * `instead` is what to do about a URL. The parser throws InvalidArgumentError.
 */
export function path(instead = ''): (value: string) => string {
  return (value) => {
    if (/^[a-z][a-z\d+.-]+:\/\//i.test(value))
      throw new InvalidArgumentError(
        `A path on this machine is expected, and this is a URL. ${instead}`.trim(),
      );
    return value;
  };
}

/** A trace is read twice: for its verdict, and for what is shown of it. @throws UsageError */
export function refusePipe(path: string, command: string): void {
  const found = statSync(path, { throwIfNoEntry: false });
  if (found?.isFIFO() || found?.isSocket())
    throw new UsageError(
      `${path}: this is a pipe, and ${command} reads a trace twice. Write it to a file first.`,
    );
}
