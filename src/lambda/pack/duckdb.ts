import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { text } from 'node:stream/consumers';
import { LambdaError } from '../error.ts';
import type { ZipEntry } from './zip.ts';

/** The processors of Lambda. */
export type Arch = 'arm64' | 'x64';

const FILES = ['duckdb.node', 'libduckdb.so', 'package.json', 'LICENSE'];

/** DuckDB for a Linux on this processor: what is installed here, or what npm has. @throws LambdaError */
export async function duckdbFor(arch: Arch): Promise<readonly ZipEntry[]> {
  const name = `@duckdb/node-bindings-linux-${arch}`;
  const installed = installedFolder(name);
  if (installed !== null) return entriesOf(name, installed);
  const folder = await mkdtemp(join(tmpdir(), 'abreast-lambda-'));
  try {
    // It has one such package for each kind of machine, of which npm takes what is asked for.
    await install(`@duckdb/node-bindings@${versionOfDuckdb()}`, arch, folder);
    return await entriesOf(name, join(folder, 'node_modules', name));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function entriesOf(name: string, folder: string): Promise<readonly ZipEntry[]> {
  return Promise.all(
    FILES.map(async (file) => ({
      path: `node_modules/${name}/${file}`,
      bytes: await readFile(join(folder, file)),
    })),
  );
}

/** As the database of this process is found. */
function requireFromDuckdb(): NodeJS.Require {
  return createRequire(createRequire(import.meta.url).resolve('@duckdb/node-api'));
}

function installedFolder(name: string): string | null {
  try {
    const bindings = createRequire(requireFromDuckdb().resolve('@duckdb/node-bindings'));
    const folder = dirname(bindings.resolve(`${name}/duckdb.node`));
    return existsSync(join(folder, 'libduckdb.so')) ? folder : null;
  } catch {
    return null;
  }
}

/** The code in the zip and the library must be of one version. */
function versionOfDuckdb(): string {
  return (requireFromDuckdb()('../package.json') as { version: string }).version;
}

const FOR_LAMBDA = ['--os', 'linux', '--libc', 'glibc'];

async function install(wanted: string, arch: Arch, folder: string): Promise<void> {
  const npm = spawn(
    'npm',
    [
      ...['install', wanted, '--prefix', folder, ...FOR_LAMBDA, '--cpu', arch],
      ...[
        '--no-save',
        '--no-audit',
        '--no-fund',
        '--ignore-scripts',
        '--prefer-offline',
        '--loglevel',
        'error',
      ],
    ],
    { cwd: folder, stdio: ['ignore', 'ignore', 'pipe'] },
  );
  const ended = new Promise<number | null>((resolve, reject) => npm.on('error', reject).on('close', resolve));
  const said = text(npm.stderr);
  const code = await ended.catch(({ code, message }: NodeJS.ErrnoException) =>
    code === 'ENOENT' ? 'there is no npm on the PATH' : message,
  );
  if (code === 0) return;
  const why = typeof code === 'string' ? code : (await said).trim().split('\n')[0];
  throw new LambdaError(
    `DuckDB for ${arch} could not be fetched by npm: ${why}. The command that failed: npm install ${wanted} ${FOR_LAMBDA.join(' ')} --cpu ${arch}`,
  );
}
