/**
 * `node scripts/python-probe.ts`: joins the parts in src/watch/recorders/python/probe-parts to the one file that is loaded into
 * Python programs, sitecustomize.py beside it, and writes the table of what they support into docs/watch.md.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { named, partsIn, textOf } from './probe-parts.ts';

const RECORDER = new URL('../src/watch/recorders/python/', import.meta.url);
export const PARTS = new URL('probe-parts/', RECORDER);
export const PROBE = new URL('sitecustomize.py', RECORDER);
export const PAGE = new URL('../docs/watch.md', import.meta.url);

const TABLE = /(?<=<!-- scripts\/python-probe\.ts -->\n)[\s\S]*?(?=<!-- end -->)/;

export const partsInOrder = (): readonly string[] => partsIn(PARTS);

/** The text of the file: each part below a line with its name, all that are for Python 3 alone in the place of the first. */
export function assembled(): string {
  const parts = partsInOrder();
  const asynchronous = parts.filter(isAsync);
  return parts
    .filter((part) => !isAsync(part) || part === asynchronous[0])
    .map((part) => (isAsync(part) ? asText(asynchronous) : below(part)))
    .join('\n\n');
}

const isAsync = (part: string): boolean => part.endsWith('_async.py');

const sourceOf = (part: string): string => textOf(part, PARTS);

const below = (part: string): string => named(part, PARTS, '#');

/** Python 2.7 can't parse `async def`, and reads the same file: there these parts stay a text. */
function asText(parts: readonly string[]): string {
  const text = parts.map(below).join('\n\n');
  if (/'''|\\/.test(text))
    throw new Error(`${parts.join(', ')}: a text of Python can't hold ''' or a backslash`);
  return `# What Python 3 alone can parse. install() compiles it there.\nASYNC = '''\n${text}'''\n`;
}

/** What the libraries' parts say of themselves: `# what is seen`, and below it `# supports: NAME VERSIONS; NAME VERSIONS`. */
export function supported(): string {
  const rows = partsInOrder().flatMap((part) => {
    const [, seen, libraries] = /^# (.*)\n# supports: (.*)\n/.exec(sourceOf(part)) ?? [];
    return libraries === undefined ? [] : libraries.split('; ').map((library) => rowOf(library, seen!));
  });
  return `| library | versions | what is seen |\n| --- | --- | --- |\n${rows.sort(byName).join('')}`;
}

function rowOf(library: string, seen: string): string {
  const [, name, versions] = /^(\S+) ((?:Python )?\d.*)$/.exec(library) ?? [];
  if (name === undefined) throw new Error(`'${library}' is not a name and its versions`);
  return `| ${name} | ${versions} | ${seen} |\n`;
}

const byName = new Intl.Collator('en').compare;

export const withTable = (page: string): string => page.replace(TABLE, supported);

if (import.meta.main) {
  writeFileSync(PROBE, assembled());
  writeFileSync(PAGE, withTable(readFileSync(PAGE, 'utf8')));
}
