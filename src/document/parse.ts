import { readFile } from 'node:fs/promises';
import { LineCounter, parseDocument as parseYaml, type Document as YamlDocument } from 'yaml';
import type { Document } from './document.ts';
import { DocumentError } from './error.ts';
import { didYouMeanFile } from './files.ts';
import { syntaxFaults } from './syntax.ts';

/** Reads a file of YAML or JSON. @throws DocumentError */
export async function openDocument(file: string): Promise<Document> {
  let bytes: Buffer;
  try {
    bytes = await readFile(file);
  } catch (error) {
    throw new DocumentError(file, [{ place: null, text: whyUnread(error as NodeJS.ErrnoException, file) }]);
  }
  return parseDocument(decode(bytes, file), file);
}

/** Reads YAML, of which JSON is a part. `file` is how errors name it. @throws DocumentError */
export function parseDocument(text: string, file: string): Document {
  // YAML 1.2 §5.4: CR alone ends a line, too; the parser does not know that.
  const plain = text.replace(/^\uFEFF/, '').replace(/\r(?!\n)/g, '\n');
  const positions = linesOf(plain);
  const tree = parseYaml(plain, {
    prettyErrors: false,
    merge: true,
    logLevel: 'error',
  });
  const faults = syntaxFaults(tree, plain, positions);
  if (faults.length > 0) throw new DocumentError(file, faults);
  return { file, text: plain, data: dataOf(tree, file), root: tree.contents, tree, positions };
}

/** Where lines begin. The parser's own list lacks the lines that it skips after a fault. */
function linesOf(text: string): LineCounter {
  const lines = new LineCounter();
  lines.addNewLine(0);
  for (let end = text.indexOf('\n'); end !== -1; end = text.indexOf('\n', end + 1)) lines.addNewLine(end + 1);
  return lines;
}

/** Aliases that multiply without end are refused here. */
function dataOf(tree: YamlDocument, file: string): unknown {
  try {
    return tree.toJS({ maxAliasCount: 100 });
  } catch (error) {
    throw new DocumentError(file, [{ place: null, text: (error as Error).message }]);
  }
}

function whyUnread({ code, message }: NodeJS.ErrnoException, file: string): string {
  if (code === 'ENOENT') return `there is no such file${didYouMeanFile(file)}`;
  if (code === 'EISDIR') return 'is a folder, and a file was expected';
  if (code === 'EACCES') return "can't be read: permission denied";
  return `can't be read: ${message}`;
}

/** The text of UTF-8. @throws DocumentError with the line of the first invalid byte. */
function decode(bytes: Buffer, file: string): string {
  if ((bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff))
    throw new DocumentError(file, [{ place: null, text: 'is UTF-16; save it as UTF-8' }]);
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    const lines = bytes.toString('latin1').split('\n');
    const line = lines.findIndex((text) => !isUtf8(Buffer.from(text, 'latin1'))) + 1;
    const text = 'is not UTF-8; save the file in that encoding';
    throw new DocumentError(file, [{ place: { line, column: 1 }, text }]);
  }
}

function isUtf8(bytes: Buffer): boolean {
  return Buffer.from(bytes.toString('utf8'), 'utf8').equals(bytes);
}
