import { realpathSync } from 'node:fs';
import { run } from '../child.ts';

/** An interpreter of this machine that was asked what it is. */
export interface Interpreter {
  readonly language: 'python' | 'node';
  /** The command that starts it, a path. */
  readonly file: string;
  /** '3.7.16'. */
  readonly version: string;
  /** Where it is installed (sys.prefix), which tells virtual environments apart. */
  readonly prefix: string;
}

/** '3.7' of '3.7.16'. */
export function minorOf(version: string): string {
  return version.split('.').slice(0, 2).join('.');
}

/** Runs on every Python. `executable` is not what was started where that is a script, as pyenv's shims are. */
const QUESTION = `import json, platform, sys
print(json.dumps([platform.python_implementation(), '%d.%d.%d' % sys.version_info[:3], sys.executable, sys.prefix]))`;

const PATIENCE_MS = 20_000;

/** Asks a file whether it is a Python and which; or says why it can't be used. */
export async function probe(file: string): Promise<Interpreter | { readonly why: string }> {
  try {
    const { code, out, err } = await run([file, '-c', QUESTION], {
      signal: AbortSignal.timeout(PATIENCE_MS),
    });
    if (code !== 0) return { why: err.split('\n')[0] || `it ends with ${code}` };
    const [implementation, version, executable, prefix] = JSON.parse(out) as string[];
    if (implementation !== 'CPython') return { why: `it is ${implementation}` };
    return { language: 'python', file: executable!, version: version!, prefix: prefix! };
  } catch (error) {
    return { why: (error as Error).message };
  }
}

/** The Node that abreast runs on. */
export function thisNode(): Interpreter {
  return {
    language: 'node',
    file: process.execPath,
    version: process.versions.node,
    prefix: realpathSync(process.execPath),
  };
}
