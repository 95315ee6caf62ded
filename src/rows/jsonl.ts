import { isNestedTooDeep, MOST_NESTED, redactText } from '../trace/index.ts';
import { InputError } from './error.ts';
import { readLines } from './lines.ts';
import type { Row } from './row.ts';

/**
 * JSON Lines: objects whose key `column` is the URL and whose other keys are the row's data, or bare strings. Of no rows
 * at all an empty file is the only form.
 * @throws InputError with `name:line` for what is neither.
 */
export async function* readJsonl(
  bytes: AsyncIterable<Buffer>,
  name: string,
  column: string,
): AsyncGenerator<readonly Row[]> {
  for await (const { firstLine, lines } of readLines(bytes, name)) {
    const rows: Row[] = [];
    for (const [offset, line] of lines.entries())
      if (line.trim() !== '') rows.push(toRow(line, `${name}:${firstLine + offset}`, column));
    yield rows;
  }
}

function toRow(line: string, place: string, column: string): Row {
  const value = parse(line, place);
  if (isNestedTooDeep(line))
    throw new InputError(`${place}: arrays and objects are nested more than ${MOST_NESTED} deep.`);
  if (typeof value === 'string') return value;
  if (Array.isArray(value))
    throw new InputError(`${place}: one JSON object a line is wanted, not an array: jq -c '.[]' makes them.`);
  if (typeof value !== 'object' || value === null)
    throw new InputError(`${place}: a JSON object or string is wanted, not ${JSON.stringify(value)}.`);
  // What every object inherits is no key of a line.
  const { [column]: found, ...data } = value as Record<string, unknown>;
  const url = Object.hasOwn(value, column) ? found : undefined;
  if (typeof url === 'string') return { url, data };
  if (url !== undefined) {
    const shown = redactText(JSON.stringify(url));
    throw new InputError(`${place}: "${column}" must be a string with a URL, not ${shown}.`);
  }
  const names = Object.keys(value).join(', ') || 'none';
  throw new InputError(`${place}: there is no key "${column}". It has: ${names}. Name one with --column.`);
}

function parse(line: string, place: string): unknown {
  try {
    return JSON.parse(line);
  } catch (error) {
    throw new InputError(`${place}: this is not JSON: ${redactText((error as Error).message)}.`);
  }
}
