import { styleText } from 'node:util';

/** A colour or weight by what it means. */
const STYLES = { good: 'green', bad: 'red', warn: 'yellow', strong: 'bold', faint: 'dim' } as const;

/** Colours text where `stream` is a terminal that shows colours and NO_COLOR is not set. */
export function paint(
  meaning: keyof typeof STYLES,
  text: string,
  stream: NodeJS.WriteStream = process.stderr,
): string {
  return styleText(STYLES[meaning], text, { stream, validateStream: true });
}
