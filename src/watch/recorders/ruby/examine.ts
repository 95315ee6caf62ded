import { spawnSync } from 'node:child_process';
import { findCommand } from '../../command.ts';
import type { Finding } from '../recorder.ts';

/** What the probe is written for. Its tests ran on one of them. */
export const VERSIONS = '2.7 to 3.4';
const OLDEST = [2, 7] as const;
const TESTED = '3.1';

const ASK = 'puts RUBY_VERSION, RUBY_ENGINE, defined?(AbreastProbe)';

/** Whether the Ruby on PATH loads the probe. @param variables those that load it */
export function examineRuby(path: string | undefined, variables: Readonly<Record<string, string>>): Finding {
  const what = 'ruby';
  const found = findCommand(what, path);
  if (!('file' in found)) return { what, good: null, text: 'not on PATH' };
  const env = { ...process.env, ...variables, ABREAST_TRACE: '' };
  const [version, engine, loaded] = spawnSync(found.file, ['-e', ASK], {
    env,
    encoding: 'utf8',
  }).stdout.split('\n');
  if (!version) return { what, good: null, text: `${found.file} does not start` };
  if (engine !== 'ruby') return { what, good: false, text: `${engine} ${version}: the probe is for CRuby` };
  if (!loaded && !isTooOld(version))
    return { what, good: false, text: `${version} does not load what RUBYOPT names` };
  return { what, ...judged(version) };
}

/** What the probe makes of a Ruby that loads it. */
export function judged(version: string): Pick<Finding, 'good' | 'text'> {
  if (isTooOld(version)) return { good: false, text: `${version}: the probe is for ${VERSIONS}` };
  if (!version.startsWith(`${TESTED}.`))
    return { good: null, text: `${version} loads the probe, which was tested on ${TESTED}` };
  return { good: true, text: `${version} loads the probe` };
}

function isTooOld(version: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  return major < OLDEST[0] || (major === OLDEST[0] && minor < OLDEST[1]);
}
