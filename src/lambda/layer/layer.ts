import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { kitVariables, languagesOfKit, writeKit } from '../../watch/index.ts';
import { zipOf } from '../pack/zip.ts';

/** A layer, ready to be published. */
export interface PackedLayer {
  readonly zip: Uint8Array;
  /** What it records. */
  readonly languages: readonly string[];
  /** What is to be set in a function that has the layer. */
  readonly variables: readonly string[];
}

/** Where Lambda puts the files of a layer. */
const ROOT = '/opt';
const FOLDER = 'abreast';
const TRACE = '/tmp/abreast/t-%p.jsonl';
const WRAPPER = `${FOLDER}/watch`;
const ENDING = `${FOLDER}/end.cjs`;

/** Beside this file, in the package as well. */
const EXTENSION = new URL('./extension.sh', import.meta.url);

/** The probes of `watch` as a layer, for all runtimes and processors. */
export function packLayer(): PackedLayer {
  const zip = zipOf([
    ...kitFiles().map(({ name, bytes }) => ({ path: `${FOLDER}/${name}`, bytes })),
    { path: ENDING, bytes: Buffer.from(endOnSignal()) },
    { path: WRAPPER, bytes: Buffer.from(wrapper()), executable: true },
    { path: `extensions/${FOLDER}`, bytes: readFileSync(EXTENSION), executable: true },
  ]);
  return {
    zip,
    languages: languagesOfKit(),
    variables: [`AWS_LAMBDA_EXEC_WRAPPER=${ROOT}/${WRAPPER}`, 'ABREAST_TRACES=s3://BUCKET/PREFIX'],
  };
}

function kitFiles(): readonly { readonly name: string; readonly bytes: Uint8Array }[] {
  const folder = mkdtempSync(join(tmpdir(), 'abreast-layer-'));
  try {
    return writeKit(folder).map((path) => ({ name: basename(path), bytes: readFileSync(path) }));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Lambda ends a process by a signal, and Node then tells nobody: the trace would lack its last lines. */
function endOnSignal(): string {
  return `process.once('SIGTERM', () => {
  if (process.listenerCount('SIGTERM') === 0) process.exit(143);
});
`;
}

/** Lambda runs it instead of the runtime, which it then becomes; what the function has set itself stays. */
function wrapper(): string {
  const exports = kitVariables(`${ROOT}/${FOLDER}`, TRACE).map((setting) => {
    const [name, value] = [setting.slice(0, setting.indexOf('=')), setting.slice(setting.indexOf('=') + 1)];
    const between = name.endsWith('PATH') ? ':' : ' ';
    const more = name === 'NODE_OPTIONS' ? ` --require ${ROOT}/${ENDING}` : '';
    const own = name.startsWith('ABREAST_') ? '' : `\${${name}:+${between}$${name}}`;
    return `export ${name}="${value}${more}${own}"\n`;
  });
  return `#!/bin/sh
# Loads the probes of abreast into the runtime: AWS_LAMBDA_EXEC_WRAPPER=${ROOT}/${WRAPPER}
mkdir -p ${TRACE.slice(0, TRACE.lastIndexOf('/'))}
${exports.join('')}exec "$@"
`;
}
