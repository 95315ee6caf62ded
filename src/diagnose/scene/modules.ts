import type { Frame, Module } from '../../trace/index.ts';
import type { ModuleVersion } from '../found.ts';
import { type CodeLine, placeOf } from '../languages/frames.ts';
import { isLibrary, packageOf } from '../languages/index.ts';
import type { Scene } from './scene.ts';

/** 'urllib3 1.24.1' where the version is known. */
export function withVersion(scene: Scene, name: string): string {
  const version = moduleOf(scene, name)?.version;
  return version === undefined ? name : `${name} ${version}`;
}

/** The installed package that a frame is of, with its version. */
export function fromOf(scene: Scene, frame: Frame | undefined): { readonly from?: ModuleVersion } {
  const module = frame && packageOf(frame.file);
  return module === undefined ? {} : { from: moduleVersion(scene, module) };
}

/** A module, with its version where that is known. */
export function moduleVersion(scene: Scene, module: string): ModuleVersion {
  const version = moduleOf(scene, module)?.version;
  return { module, ...(version !== undefined && { version }) };
}

/** The line where a limit was set, or a patch was made: none where it is nobody's. */
export function setPlaces(scene: Scene, where: string | undefined): readonly CodeLine[] {
  const line = where === undefined ? null : lineAt(where);
  if (line === null) return [];
  return [{ ...line, own: !isLibrary(line.file) && ownerOf(scene, where!) === undefined }];
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

/** A place in an Environment: 'file:line', else the name of the package whose default it is. */
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
