import { existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { makeOnce, runChild } from '../../../stages/index.ts';
import { findCommand } from '../../../watch/index.ts';
import { CompareError } from '../../error.ts';
import type { Environment } from '../environment.ts';
import { nodePackages, versionOfNode } from '../node.ts';
import { folderOf, type Making, WITHOUT_NETWORK } from './making.ts';

/** The packages of a package-lock.json, made by `npm ci` in a folder of the cache. @throws CompareError when they can't be */
export async function madeOfNpm(given: string, file: string, { say, signal }: Making): Promise<Environment> {
  const text = readFileSync(file, 'utf8');
  const project = projectOf(given, file, JSON.parse(text));
  const version = await versionOfNode(given, 'node');
  const folder = folderOf(`node-${version}`, [version, process.arch, text, JSON.stringify(project)]);
  const modules = join(folder, 'node_modules');
  const about = { given: file, node: version, made: new Date().toISOString() };
  const tell = (what: string) => say(`${given}: ${what}`);
  await makeOnce({ folder, about, isWhole: () => existsSync(modules) }, tell, signal, async () => {
    tell('npm ci');
    mkdirSync(modules, { recursive: true });
    writeFileSync(join(folder, 'package-lock.json'), text);
    writeFileSync(join(folder, 'package.json'), JSON.stringify(project));
    await install(given, folder, join(dirname(file), '.npmrc'), signal);
    mkdirSync(modules, { recursive: true });
  });
  return nodePackages(given, folder);
}

interface Lock {
  readonly packages?: Readonly<
    Record<string, Project & { readonly link?: boolean; readonly resolved?: string }>
  >;
}

type Project = Readonly<Record<string, unknown>>;

const DEPENDENCIES = ['dependencies', 'devDependencies', 'optionalDependencies', 'peerDependencies'];

/**
 * What `npm ci` wants beside its lock file: the package.json that lies there, if the lock file is of its dependencies,
 * else what the lock file says of it. Its scripts are of the project, which is not in the folder.
 */
function projectOf(given: string, file: string, { packages }: Lock): Project {
  const local = Object.entries(packages ?? {}).find(
    ([, { link, resolved }]) => link || resolved?.startsWith('file:'),
  );
  if (local !== undefined)
    throw new CompareError(
      `${given}: ${local[0]} is a folder of the project, which is not in the lock file: run npm ci in both projects, and give their folders`,
    );
  const beside = join(dirname(file), 'package.json');
  const own = existsSync(beside) ? (JSON.parse(readFileSync(beside, 'utf8')) as Project) : undefined;
  const root = packages?.[''] ?? own;
  if (root === undefined)
    throw new CompareError(`${given}: a lock file of npm 6 or older needs its package.json beside it`);
  const isOfOwn = DEPENDENCIES.every((each) => JSON.stringify(own?.[each]) === JSON.stringify(root[each]));
  const { scripts: _, ...project } = isOfOwn ? own! : root;
  return project;
}

async function install(given: string, folder: string, settings: string, signal: AbortSignal): Promise<void> {
  const npm = findCommand('npm', process.env.PATH);
  if (!('file' in npm))
    throw new CompareError(`${given}: npm has to install it, and there is no npm on PATH`);
  const link = join(folder, '.npmrc');
  if (existsSync(settings)) symlinkSync(settings, link);
  const words = ['ci', '--prefix', folder, '--no-audit', '--no-fund', '--no-progress', '--loglevel', 'error'];
  const { code, out, err } = await runChild([npm.file, ...words], { cwd: folder, signal });
  rmSync(link, { force: true }); // it may have a token
  if (code !== 0) throw new CompareError(`${given}: npm can't install it: ${reasonIn(err || out)}`);
}

/** What npm says is wrong, in one line. */
function reasonIn(said: string): string {
  const lines = said
    .split('\n')
    .map((line) => line.replace(/^npm (error|ERR!)\s*((404|notarget)\s)?/, '').trim())
    .filter((line) => line !== '' && !/complete log of this run|^(code|errno|syscall) /.test(line));
  const reason = lines.slice(0, 3).join(' ').slice(0, 400) || 'it says nothing';
  const isUnreachable = /ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ETIMEDOUT|ENETUNREACH|network/.test(said);
  return isUnreachable
    ? `${reason}. Set registry or proxy in an .npmrc if that is how packages are had here, ${WITHOUT_NETWORK}`
    : reason;
}
