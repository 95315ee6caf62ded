import { join } from 'node:path';
import type { Cell } from './cell.ts';
import type { Placeholder } from './story.ts';

export type Values = Readonly<Record<Placeholder, string>>;

/** The text with its placeholders filled in. */
export function fill(text: string, values: Values): string {
  return text.replace(/\{(n|url|story|runtime)\}/g, (_, name: Placeholder) => values[name]);
}

/** A program of the story and its arguments, for its interpreter: the file by its full path. */
export function commandOf(
  command: readonly string[],
  cell: Cell,
  values: Values,
  rest: readonly string[] = [],
): string[] {
  const [file, ...words] = [...command, ...cell.run.arguments].map((word) => fill(word, values));
  return [join(values.story, file!), ...words, ...rest];
}

/** The URL to request n times from a server that the user named: unchanged, unless it is only an origin. */
export function askedAt(url: URL, path: string): string {
  return url.pathname === '/' && url.search === '' ? url.origin + path : url.href;
}
