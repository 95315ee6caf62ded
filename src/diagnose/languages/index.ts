/** The idioms of all languages. A file of one language is known by its name: all are asked of each. */
import type { Frame } from '../../trace/index.ts';
import { any } from './any.ts';
import type { CallPattern, Idiom, Idioms } from './idioms.ts';
import { node } from './node.ts';
import { python } from './python.ts';
import { ruby } from './ruby.ts';

export type { Idiom } from './idioms.ts';

/** A new language is a file beside these, and a place in this list. */
const LANGUAGES: readonly Idioms[] = [python, node, ruby, any];

/** The language that a file is written in. */
export function languageOfFile(file: string): string | undefined {
  return LANGUAGES.find(({ source }) => source?.test(file))?.language ?? undefined;
}

/** Whether a file is of a language or of an installed package. */
export function isLibrary(file: string): boolean {
  return LANGUAGES.some(({ library }) => library?.test(file));
}

/** Whether a file is of an HTTP client. */
export function isClient(file: string): boolean {
  return LANGUAGES.some(({ client }) => client?.test(file));
}

/** Whether every wait is made in this file, whatever it is for. */
export function isPrimitive(file: string): boolean {
  return LANGUAGES.some(({ primitives }) => primitives?.test(file));
}

/** Whether a function is no place of its own. */
export function isNameless(name: string): boolean {
  return LANGUAGES.some(({ nameless }) => nameless?.test(name));
}

/** The name of a file without the folder that all packages are in; null where it is in none. */
export function withinPackages(file: string): string | null {
  const folder = LANGUAGES.find(({ packages }) => packages?.test(file))?.packages;
  return folder === undefined ? null : file.replace(folder, '');
}

/** A package's name from the file of its code. */
export function packageOf(file: string): string | undefined {
  for (const { packageName } of LANGUAGES) {
    const found = packageName?.exec(file)?.[1];
    if (found !== undefined) return found;
  }
  return undefined;
}

/** Whether a frame waits for something that was handed over. */
export function isResultCall(frame: Frame): boolean {
  return LANGUAGES.some(({ handedOver }) => isCall(handedOver, frame));
}

/** Whether a frame waits for a queue to be worked off, or to have room. */
export function isFillingCall(frame: Frame): boolean {
  return LANGUAGES.some(({ filling }) => isCall(filling, frame));
}

/** Whether a frame hands work to others. */
export function isPuttingCall(frame: Frame): boolean {
  return LANGUAGES.some(({ putting }) => isCall(putting, frame));
}

function isCall(call: CallPattern | undefined, { function: name = '', file }: Frame): boolean {
  return call?.name.test(name) === true && call.file.test(file);
}

/** Whether a call ('Class.method'), or the file or package that it is in, is known for this. */
export function isKnownFor(idiom: Idiom, name: string | undefined): boolean {
  return name !== undefined && LANGUAGES.some(({ calls }) => calls[idiom]?.test(name));
}
