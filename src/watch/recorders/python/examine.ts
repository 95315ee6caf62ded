import { spawnSync } from 'node:child_process';
import { dirname } from 'node:path';
import { findCommand } from '../../command.ts';
import type { Finding } from '../recorder.ts';

/** Python 3.6 to 3.13: what the tests of the probe run on, beside 2.7. */
const OLDEST_MINOR = 6;
const NEWEST_MINOR = 13;
export const VERSIONS = `2.7, 3.${OLDEST_MINOR} to 3.${NEWEST_MINOR}`;

const ASK =
  'import sys; print(sys.version.split()[0]); print(getattr(sys.modules.get("sitecustomize"), "__file__", ""))';

/** Whether a Python on PATH loads the probe. */
export function examinePython(name: string, path: string | undefined, probe: string): Finding {
  const found = findCommand(name, path);
  if (!('file' in found)) return { what: name, good: null, text: 'not on PATH' };
  const env = { ...process.env, PYTHONPATH: dirname(probe), ABREAST_TRACE: '' };
  const [version, loaded] = spawnSync(found.file, ['-c', ASK], { env, encoding: 'utf8' }).stdout.split('\n');
  if (!version) return { what: name, good: null, text: `${found.file} does not start` };
  if (!loaded) {
    const text = `${version} loads no sitecustomize: it was built or set up without site`;
    return { what: name, good: false, text };
  }
  return { what: name, ...judged(version) };
}

/** What the probe makes of a Python that loads it. */
export function judged(version: string): Pick<Finding, 'good' | 'text'> {
  const [major, minor] = version.split('.').map(Number) as [number, number];
  if (major === 2 ? minor !== 7 : minor < OLDEST_MINOR)
    return { good: false, text: `${version}: the probe is for ${VERSIONS}` };
  if (major === 3 && minor > NEWEST_MINOR)
    return { good: null, text: `${version} loads the probe, which was tested on ${VERSIONS}` };
  return { good: true, text: `${version} loads the probe (but not with -I, -E or -S)` };
}
