import { runChild } from '../../../stages/index.ts';
import { CompareError } from '../../error.ts';
import { WITHOUT_NETWORK } from './making.ts';

/** uv, with the settings of the user, but for the environment that happens to be active. */
export class Uv {
  readonly #file: string;
  readonly #signal: AbortSignal;

  constructor(file: string, signal: AbortSignal) {
    this.#file = file;
    this.#signal = signal;
  }

  /** Runs it to its end, and gives what it prints. @throws CompareError beginning with `trouble` */
  async run(trouble: string, words: readonly string[], folder?: string): Promise<string> {
    const { VIRTUAL_ENV: _, PYTHONPATH: __, PYTHONHOME: ___, ...kept } = process.env;
    const command = [this.#file, '--color', 'never', '--no-progress', ...words];
    const env = { ...kept, UV_PYTHON_DOWNLOADS: 'never' };
    const { code, out, err } = await runChild(command, { env, cwd: folder, signal: this.#signal });
    if (code === 0) return out;
    throw new CompareError(`${trouble}: ${adviceFor(reasonsIn(err || out))}`);
  }

  /** The requirements of a uv.lock in a folder, with their hashes. */
  exported(given: string, project: string): Promise<string> {
    const words = [
      'export',
      '--frozen',
      '--no-emit-workspace',
      '--no-header',
      '--format',
      'requirements-txt',
    ];
    return this.run(`${given}: uv can't read it`, [...words, '--project', project], project);
  }
}

/** Its error and the causes of that, in this order. */
function reasonsIn(said: string): string[] {
  const lines = said.split('\n').map((line) => line.replace(/^[\s×│├╰─▶]+/, '').trim());
  const first = lines.findIndex(
    (line, at) => line.startsWith('error:') || said.split('\n')[at]!.includes('×'),
  );
  return lines
    .slice(Math.max(first, 0))
    .filter(Boolean)
    .map((line) => line.replace(/^(error|cause|Caused by): /i, ''));
}

function adviceFor(reasons: readonly string[]): string {
  const isUnreachable = reasons.some((each) => /error sending request|dns error|timed out/i.test(each));
  if (!isUnreachable) return reasons.join(': ').replaceAll('::', ':').slice(0, 400);
  return `it reaches no package index: ${reasons.at(-1)}. Set UV_DEFAULT_INDEX, HTTPS_PROXY or SSL_CERT_FILE if that is how packages are had here, ${WITHOUT_NETWORK}`;
}
