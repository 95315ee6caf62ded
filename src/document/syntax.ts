import { type Document, isScalar, type LineCounter, type Node, visit, type YAMLError } from 'yaml';
import type { Place } from './document.ts';

interface SyntaxFault {
  readonly place: Place;
  readonly text: string;
}

/** After these faults of syntax the rest of the file is parsed correctly; after any other it is not. */
const HARMLESS = new Set(['DUPLICATE_KEY', 'TAG_RESOLVE_FAILED']);

/** What is wrong with the YAML itself, up to the first fault that makes the rest a guess. */
export function syntaxFaults(tree: Document, text: string, positions: LineCounter): readonly SyntaxFault[] {
  const placed = (offset: number): Place => {
    const { line, col } = positions.linePos(offset);
    return { line, column: col };
  };
  if (
    tree.contents === null ||
    (isScalar(tree.contents) && tree.contents.value === null && tree.errors.length === 0)
  )
    return [{ place: { line: 1, column: 1 }, text: 'the file is empty' }];
  const brace = unquotedBraces(text);
  const faults: SyntaxFault[] = [];
  for (const error of [...tree.errors, ...tree.warnings]) {
    const start = startOf(error, tree);
    if (brace !== null && placed(start).line === placed(brace).line) break;
    faults.push({ place: placed(start), text: wordsOf(error, text.slice(...error.pos)) });
    if (!HARMLESS.has(error.code)) return faults;
  }
  if (faults.length === 0 && brace !== null)
    return [{ place: placed(brace), text: 'a value that begins with \'{{\' needs quotes: "{{column}}..."' }];
  return [...faults, ...oddKeys(tree, placed), ...strayAliases(tree, placed)];
}

/** YAML takes a plain '{{' for a map in a map. */
function unquotedBraces(text: string): number | null {
  const match = /^[^#'"|>\n]*?(?::|-)[ \t]+(?=\{\{)/m.exec(text);
  return match === null ? null : match.index + match[0].length;
}

/** A quote that is not closed is noticed at the end of the file; what the reader looks for is its beginning. */
function startOf(error: YAMLError, tree: Document): number {
  let start = error.pos[0];
  if (error.code === 'MISSING_CHAR' && error.message.includes('quote'))
    visit(tree, {
      Scalar(_, node) {
        if (node.type?.startsWith('QUOTE') && node.range) start = node.range[0];
      },
    });
  return start;
}

function wordsOf({ code, message }: YAMLError, source: string): string {
  switch (code) {
    case 'DUPLICATE_KEY':
      return `the key '${/^[^\s:]*/.exec(source)![0]}' is there twice; leave one out`;
    case 'TAB_AS_INDENT':
      return 'a tab in the indent; YAML wants spaces';
    case 'MISSING_CHAR':
      return message.includes('quote') ? 'a quote that is opened here is never closed' : lower(message);
    case 'BLOCK_AS_IMPLICIT_KEY':
    case 'MULTILINE_IMPLICIT_KEY':
      return "this can't be a key here: check the indent, and put quotes around a text with ': ' in it";
    case 'BAD_SCALAR_START':
      return `a text that begins with '${source[0] ?? ''}' needs quotes`;
    case 'UNEXPECTED_TOKEN':
      return message.startsWith('Unexpected flow-map-start')
        ? 'a text with \'{\' in it needs quotes here, as in { to: "a-{{date}}.csv" }'
        : lower(message);
    case 'RESOURCE_EXHAUSTION':
      return 'lists and keys are nested too deep';
    case 'MULTIPLE_DOCS':
      return "'---' begins a second document; one a file was expected";
    default:
      return lower(message);
  }
}

function lower(message: string): string {
  return message.charAt(0).toLowerCase() + message.slice(1);
}

function oddKeys(tree: Document, placed: (offset: number) => Place): SyntaxFault[] {
  const faults: SyntaxFault[] = [];
  visit(tree, {
    Pair(_, { key }) {
      const node = key as Node | null;
      const text = oddity(node);
      if (text !== null && node?.range) faults.push({ place: placed(node.range[0]), text });
    },
  });
  return faults;
}

function oddity(key: Node | null): string | null {
  if (!isScalar(key)) return 'a key must be a text, not a list or a map';
  // zod leaves it out of what it has checked, silently.
  return key.value === '__proto__' ? "a key can't be named '__proto__'" : null;
}

function strayAliases(tree: Document, placed: (offset: number) => Place): SyntaxFault[] {
  const faults: SyntaxFault[] = [];
  visit(tree, {
    Alias(_, node) {
      if (node.resolve(tree) === undefined && node.range)
        faults.push({
          place: placed(node.range[0]),
          text: `no '&${node.source}' stands before '*${node.source}'; a text that begins with '*' needs quotes`,
        });
    },
  });
  return faults;
}
