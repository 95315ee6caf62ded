import type { Frame, Module } from '../../trace/index.ts';
import { isLibrary } from '../evidence.ts';
import type { Scene } from './scene.ts';

const PACKAGES =
  /^.*[/\\](?:site-packages|dist-packages|node_modules|lib(?:64)?[/\\](?:python|pypy)\d[^/\\]*)[/\\]/;

/** 'urllib3/util/wait.py:105' of a library, 'report.py:31' of the program's own. */
export function placeOf({ file, line }: Pick<Frame, 'file' | 'line'>): string {
  const short = PACKAGES.test(file) ? file.replace(PACKAGES, '') : file.replace(/^.*[/\\]/, '');
  return `${short}:${line}`;
}

/** Whether it is 'file:line', and not the name of whoever's default it is. */
export function isPlace(where: string): boolean {
  return /:\d+$/.test(where);
}

/** The same of a 'file:line'; anything else stays as it is. */
export function shortPlace(where: string): string {
  const found = /^(.*[/\\].*):(\d+)$/.exec(where);
  return found === null ? where : placeOf({ file: found[1]!, line: Number(found[2]) });
}

/** 'urllib3.contrib.pyopenssl.WrappedSocket.recv', 'do_poll'. */
export function calledOf({ self, function: name }: Frame): string {
  if (name === undefined) return self ?? 'anonymous function';
  return self === undefined || name.startsWith(`${self}.`) ? name : `${self}.${name}`;
}

/** The program's own frame nearest to the leaf. */
export function ownFrame(frames: readonly Frame[]): Frame | undefined {
  const own = frames.filter(({ file }) => !isLibrary(file));
  return own.find(({ function: name }) => !/^<(?:genexpr|\w+comp)>$/.test(name ?? '')) ?? own[0];
}

/** A package's name from the file of its code. */
export function packageOf(file: string): string | undefined {
  const found = /[/\\](?:site-packages|dist-packages|node_modules)[/\\]((?:@[^/\\]+[/\\])?[^/\\]+)/.exec(
    file,
  );
  return found?.[1]?.replace(/\.py$/, '');
}

/** 'urllib3 1.24.1' where the version is known. */
export function withVersion(scene: Scene, name: string): string {
  const version = moduleOf(scene, name)?.version;
  return version === undefined ? name : `${name} ${version}`;
}

/** The module whose folder a 'file:line' is in, with its version. */
export function ownerOf({ environments }: Scene, where: string): string | undefined {
  const modules = environments.flatMap(({ modules }) => modules ?? []);
  const owner = modules.find((module) => module.where !== undefined && where.startsWith(`${module.where}/`));
  return owner && [owner.name, owner.version].filter((part) => part !== undefined).join(' ');
}

function moduleOf({ environments }: Scene, name: string): Module | undefined {
  const plain = (text: string): string => text.toLowerCase().replaceAll(/[-_.]/g, '');
  for (const { modules } of environments) {
    const found = modules?.find((module) => plain(module.name) === plain(name));
    if (found !== undefined) return found;
  }
  return undefined;
}
