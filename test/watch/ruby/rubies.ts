import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

/** A Ruby that is installed here. */
export interface Ruby {
  /** '3.1'. */
  readonly version: string;
  readonly path: string;
}

export const NO_RUBY = 'no Ruby from 2.7 on: scripts/system.sh ruby';

const VERSIONS = join(process.env.RBENV_ROOT ?? join(homedir(), '.rbenv'), 'versions');

/** The Ruby on PATH and those of rbenv, one of each version that the probe records. */
export function rubies(): Ruby[] {
  const installed = existsSync(VERSIONS) ? readdirSync(VERSIONS) : [];
  const paths = ['ruby', ...installed.map((name) => join(VERSIONS, name, 'bin', 'ruby'))];
  const found = paths.flatMap((path) => {
    const ran = spawnSync(path, ['-e', 'print RUBY_ENGINE, RUBY_VERSION'], { encoding: 'utf8' });
    const version = /^ruby(\d+\.\d+)/.exec(ran.stdout ?? '')?.[1];
    return version === undefined || Number(version) < 2.7 ? [] : [{ version, path }];
  });
  return [...new Map(found.toReversed().map((ruby) => [ruby.version, ruby])).values()];
}
