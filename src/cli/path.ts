import { InvalidArgumentError } from 'commander';

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
