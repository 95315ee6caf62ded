/**
 * `node scripts/python-probe.ts`: joins the parts in src/watch/recorders/python/probe to the one file that is loaded into
 * Python programs, sitecustomize.py beside it.
 */
import { readFileSync, writeFileSync } from 'node:fs';

const RECORDER = new URL('../src/watch/recorders/python/', import.meta.url);
const PARTS = new URL('probe/', RECORDER);
export const PROBE = new URL('sitecustomize.py', RECORDER);

/** The parts, from `order.txt`: paths below the folder of the parts. */
export const partsInOrder = (): readonly string[] =>
  readFileSync(new URL('order.txt', PARTS), 'utf8')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'));

/** The text of the file. Two blank lines stand between two parts. */
export function assembled(): string {
  const parts = partsInOrder();
  const asynchronous = parts.filter(isAsync);
  return parts
    .filter((part) => !isAsync(part) || part === asynchronous[0])
    .map((part) => (isAsync(part) ? asText(asynchronous) : sourceOf(part)))
    .join('\n\n');
}

const isAsync = (part: string): boolean => part.endsWith('_async.py');

const sourceOf = (part: string): string => readFileSync(new URL(part, PARTS), 'utf8');

/** Python 2.7 can't parse `async def`, and reads the same file: there these parts stay a text. */
function asText(parts: readonly string[]): string {
  const text = parts.map(sourceOf).join('\n\n');
  if (/'''|\\/.test(text))
    throw new Error(`${parts.join(', ')}: a text of Python can't hold ''' or a backslash`);
  return `# What Python 3 alone can parse. install() compiles it there.\nASYNC = '''\n${text}'''\n`;
}

if (import.meta.main) writeFileSync(PROBE, assembled());
