import { accessSync, constants, existsSync } from 'node:fs';
import { dirname } from 'node:path';
import { findCommand } from './command.ts';
import { traceFolder } from './keep.ts';
import { recorders } from './recorders/list.ts';
import type { Finding } from './recorders/recorder.ts';

/** Looks at what can be recorded on this machine, by trying it. */
export function examine(environment: NodeJS.ProcessEnv = process.env): readonly Finding[] {
  return [
    ...recorders.flatMap((recorder) => recorder.examine(environment)),
    elsewhere(environment.PATH),
    traces(environment),
  ];
}

function elsewhere(path: string | undefined): Finding {
  const tools = ['docker', 'podman', 'kubectl', 'ssh'].filter((name) => 'file' in findCommand(name, path));
  const text = `abreast watch --kit DIR${tools.length > 0 ? `, for ${tools.join(', ')}` : ''}`;
  return { what: 'elsewhere', good: null, text };
}

function traces(environment: NodeJS.ProcessEnv): Finding {
  const folder = traceFolder(environment);
  let at = folder;
  while (!existsSync(at)) at = dirname(at);
  try {
    accessSync(at, constants.W_OK);
    return { what: 'traces', good: true, text: `the last ten are kept in ${folder}` };
  } catch {
    return {
      what: 'traces',
      good: false,
      text: `${folder} can't be written: set XDG_CACHE_HOME, or give --trace FILE`,
    };
  }
}
