import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/**
 * The probe: one file of Python's standard library alone, for CPython 2.7 and 3.6 to 3.14. It has to keep its name,
 * by which Python finds it, and may be copied elsewhere and used without abreast:
 * `PYTHONPATH=FOLDER ABREAST_TRACE=trace.jsonl python report.py`.
 */
export const pythonProbe = fileURLToPath(new URL('./sitecustomize.py', import.meta.url));

export interface PythonOptions {
  /** Leaves credentials in URLs (false). */
  readonly keepUrls?: boolean;
}

/**
 * What to add to a command's environment so that every Python in it, children too, writes a trace
 * `python-PID.jsonl` into `folder`. A sitecustomize that the user has is loaded after the probe.
 */
export function pythonEnvironment(
  folder: string,
  inherited: Readonly<Record<string, string | undefined>>,
  options: PythonOptions = {},
): Record<string, string> {
  const path = inherited.PYTHONPATH;
  return {
    PYTHONPATH: dirname(pythonProbe) + (path ? delimiter + path : ''),
    ABREAST_TRACE: join(folder, 'python-%p.jsonl'),
    ...(options.keepUrls && { ABREAST_KEEP_URLS: '1' }),
  };
}
