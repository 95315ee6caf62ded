import {
  isAlias,
  isMap,
  isPair,
  isScalar,
  isSeq,
  type LineCounter,
  type Node,
  type Pair,
  type YAMLMap,
} from 'yaml';
import type { Document, Path, Place } from './document.ts';

/**
 * Where the value at `path` begins: text at its first character, after a quote or the mark of a block. `offset` is of a
 * character of that text. A missing value has the position of the nearest value around it.
 */
export function placeOf(document: Document, path: Path, offset = 0): Place {
  const node = nearestNode(document, path);
  const start = document.positions.linePos(startOf(document, node));
  const place = { line: start.line, column: start.col };
  return isScalar(node) && typeof node.value === 'string' ? placeWithin(place, node.value, offset) : place;
}

/** The position of the last key of `path`. */
export function keyPlaceOf(document: Document, path: Path): Place {
  const around = resolved(document, nodeAt(document, path.slice(0, -1)));
  const pair = isMap(around) ? pairOf(document, around, path.at(-1)!) : undefined;
  const key = pair?.key as Node | undefined;
  return key?.range ? at(document.positions, key.range[0]) : placeOf(document, path);
}

/** The position of the character at `offset` of a text that begins at `place` and keeps its lines and indent, as a block does. */
export function placeWithin(place: Place, text: string, offset: number): Place {
  const before = text.slice(0, offset);
  const lines = before.split('\n').length - 1;
  return {
    line: place.line + lines,
    column: place.column + offset - (before.lastIndexOf('\n') + 1),
  };
}

/** The value at `path` as it was written, when it is a plain word: 1.10 is the number 1.1, but this is '1.10'. */
export function sourceOf(document: Document, path: Path): string | undefined {
  const node = resolved(document, nodeAt(document, path));
  return isScalar(node) ? node.source : undefined;
}

function at(positions: LineCounter, offset: number): Place {
  const { line, col } = positions.linePos(offset);
  return { line, column: col };
}

function startOf({ text }: Document, node: Node | null): number {
  const start = node?.range?.[0] ?? 0;
  if (!isScalar(node)) return start;
  if (node.type === 'QUOTE_DOUBLE' || node.type === 'QUOTE_SINGLE') return start + 1;
  if (node.type !== 'BLOCK_LITERAL' && node.type !== 'BLOCK_FOLDED') return start;
  const header = text.indexOf('\n', start);
  const content = /\S/.exec(text.slice(header, node.range![1]));
  return content === null ? start : header + content.index;
}

/** The value at `path`, or the nearest one around it. */
function nearestNode(document: Document, path: Path): Node | null {
  for (let length = path.length; length >= 0; length--) {
    const node = nodeAt(document, path.slice(0, length));
    if (node?.range) return resolved(document, node);
  }
  return document.root;
}

function nodeAt(document: Document, path: Path): Node | null {
  let node: Node | null = document.root;
  for (const key of path) {
    const inside: Node | null = resolved(document, node);
    if (isMap(inside)) node = (pairOf(document, inside, key)?.value as Node | null) ?? null;
    else if (isSeq(inside)) node = (inside.items[Number(key)] as Node | undefined) ?? null;
    else return null;
  }
  return node;
}

/** The pair of a key: its own, or one that `<<` brings in. */
function pairOf(document: Document, map: YAMLMap, key: PropertyKey): Pair | undefined {
  const pairs = map.items.filter(isPair);
  const own = pairs.find((pair) => keyText(pair) === String(key));
  if (own !== undefined) return own;
  for (const merge of pairs.filter((pair) => keyText(pair) === '<<')) {
    const from = resolved(document, merge.value as Node | null);
    for (const source of isSeq(from) ? (from.items as Node[]) : [from]) {
      const merged = resolved(document, source);
      const found = isMap(merged) ? pairOf(document, merged, key) : undefined;
      if (found !== undefined) return found;
    }
  }
  return undefined;
}

function keyText({ key }: Pair): string {
  // With `merge`, yaml reads '<<' as a symbol of that description.
  if (isScalar(key)) return typeof key.value === 'symbol' ? key.value.description! : String(key.value);
  return String(key);
}

function resolved(document: Document, node: Node | null): Node | null {
  return isAlias(node) ? (node.resolve(document.tree) ?? null) : node;
}
