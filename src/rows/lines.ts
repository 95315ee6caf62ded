import { isUtf8 } from 'node:buffer';
import { InputError } from './error.ts';

/** Lines that came together, and the number of the first. */
export interface LineBatch {
  readonly firstLine: number;
  readonly lines: readonly string[];
}

const LF = 0x0a;
const CR = 0x0d;
const LINE_END = /\r\n?|\n/;
const LONGEST_LINE = 64 * 2 ** 20;
const BYTE_ORDER_MARK = '\ufeff';

/**
 * Cuts bytes into lines at LF, CR and CRLF, without a byte order mark.
 * @throws InputError with `name:line` for a line that is not UTF-8 text, or longer than 64 MiB.
 */
export async function* readLines(bytes: AsyncIterable<Buffer>, name: string): AsyncGenerator<LineBatch> {
  let firstLine = 1;
  let rest: Buffer[] = [];
  let restLength = 0;
  for await (const chunk of bytes) {
    const end = lastLineEnd(chunk);
    if (end === -1) {
      refuseBinary(chunk, name, firstLine);
      rest.push(chunk);
      restLength += chunk.length;
      if (restLength > LONGEST_LINE)
        throw new InputError(
          `${name}:${firstLine}: the line is longer than 64 MB, so this is no list of URLs.`,
        );
      continue;
    }
    const whole = withoutEnd(Buffer.concat([...rest, chunk.subarray(0, end + 1)]));
    rest = [chunk.subarray(end + 1)];
    restLength = chunk.length - end - 1;
    const batch = toLines(whole, name, firstLine);
    firstLine += batch.lines.length;
    yield batch;
  }
  if (restLength > 0) yield toLines(Buffer.concat(rest), name, firstLine);
}

/** -1 where there is none. A CR in the last place may be the first half of CRLF: what follows decides. */
function lastLineEnd(chunk: Buffer): number {
  const lf = chunk.lastIndexOf(LF);
  const cr = chunk.subarray(lf + 1, -1).lastIndexOf(CR);
  return cr === -1 ? lf : lf + 1 + cr;
}

function withoutEnd(lines: Buffer): Buffer {
  const length = lines.at(-1) === LF && lines.at(-2) === CR ? 2 : 1;
  return lines.subarray(0, -length);
}

function toLines(whole: Buffer, name: string, firstLine: number): LineBatch {
  refuseBinary(whole, name, firstLine);
  if (!isUtf8(whole)) throw notText(name, firstLine + lineOf(whole, (line) => !isUtf8(line)));
  let text = whole.toString('utf8');
  if (firstLine === 1 && text.startsWith(BYTE_ORDER_MARK)) text = text.slice(1);
  // A regular expression takes nearly twice as long.
  return { firstLine, lines: text.split(text.includes('\r') ? LINE_END : '\n') };
}

/** @throws InputError with `name:line` for bytes that no text has. `firstLine` is the number of their first line. */
export function refuseBinary(bytes: Buffer, name: string, firstLine: number): void {
  if (bytes.includes(0)) throw notText(name, firstLine + lineOf(bytes, (line) => line.includes(0)));
}

function notText(name: string, line: number): InputError {
  const compressed = /\.(gz|zst)$/.exec(name)?.[1];
  const next =
    compressed === undefined
      ? 'Save it as UTF-8 text.'
      : `Unpack it first: ${compressed === 'gz' ? 'gzip' : 'zstd'} -dc ${name} | abreast get -`;
  return new InputError(`${name}:${line}: this is not UTF-8 text. ${next}`);
}

function lineOf(bytes: Buffer, is: (line: Buffer) => boolean): number {
  const lines = bytes.toString('latin1').split(LINE_END);
  return lines.findIndex((line) => is(Buffer.from(line, 'latin1')));
}
