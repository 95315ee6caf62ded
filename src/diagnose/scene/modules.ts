import type { Module } from '../../trace/index.ts';
import { placeOf } from '../languages/frames.ts';
import type { Scene } from './scene.ts';

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

/** The module of this name, as far as it is known. */
export function moduleOf({ environments }: Scene, name: string): Module | undefined {
  const plain = (text: string): string => text.toLowerCase().replaceAll(/[-_.]/g, '');
  for (const { modules } of environments) {
    const found = modules?.find((module) => plain(module.name) === plain(name));
    if (found !== undefined) return found;
  }
  return undefined;
}

/** What an Environment calls a place: 'file:line', else the name of whoever's default it is. */
const PLACE = /^(.*):(\d+)$/;

/** Where a limit was set, or a patch was made: null where it is nobody's line. */
export function lineAt(where: string): { readonly file: string; readonly line: number } | null {
  const found = PLACE.exec(where);
  return found === null ? null : { file: found[1]!, line: Number(found[2]) };
}

/** 'report.py:31' of a 'file:line' with its folder; anything else stays as it is. */
export function shortPlace(where: string): string {
  const line = lineAt(where);
  return line === null ? where : placeOf(line);
}
