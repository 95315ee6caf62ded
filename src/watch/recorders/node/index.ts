/** Records what a Node program asks of its HTTP libraries: one file, loaded by NODE_OPTIONS, that changes nothing. */
import { spawnSync } from 'node:child_process';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import { findCommand } from '../../command.ts';
import type { Finding, Probe } from '../recorder.ts';

const OLDEST = 18;

export const node: Probe = {
  language: 'Node',
  versions: `${OLDEST} to 26`,
  file: fileURLToPath(new URL('./probe.cjs', import.meta.url)),
  fits: ([program = '']) => /^node(js)?$/.test(basename(program)),
  variables: (file, { NODE_OPTIONS }) => ({ NODE_OPTIONS: withProbe(file, NODE_OPTIONS) }),
  hindrance: () => undefined,
  keptOutBy: `its NODE_OPTIONS were replaced, or it is older than Node ${OLDEST}`,
  modules: 'node:http, node:http2, undici and HTTP/1.1 on node:net',
  example: 'node report.js',
  examine: ({ PATH }) => [examine(PATH)],
};

/** The user's own options stay, behind ours: what they load is then seen as well. */
function withProbe(file: string, options: string | undefined): string {
  const quoted = /[\s"\\]/.test(file) ? `"${file.replaceAll(/["\\]/g, '\\$&')}"` : file;
  return options === undefined || options === '' ? `--require ${quoted}` : `--require ${quoted} ${options}`;
}

function examine(path: string | undefined): Finding {
  const what = 'node';
  const found = findCommand(what, path);
  if (!('file' in found)) return { what, good: null, text: 'not on PATH' };
  const version = spawnSync(found.file, ['-p', 'process.versions.node'], { encoding: 'utf8' }).stdout.trim();
  const good = Number.parseInt(version, 10) >= OLDEST;
  const text = good ? `${version} loads the probe` : `${version}: the probe needs Node ${OLDEST} or newer`;
  return { what, good, text };
}
