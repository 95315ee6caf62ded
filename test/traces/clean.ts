/**
 * Makes traces of real runs fit to be kept here: writes each of them again, compressed, into a folder, without the
 * names of the places of the machine where it was recorded.
 *
 *     node test/traces/clean.ts --to test/traces/cases --place '/home/me/report=/app' TRACE...
 *
 * A `--place` is a regular expression and what takes its place; keep `site-packages`, `node_modules` and
 * `lib/pythonX.Y` in it, since these tell a library's lines from the program's own. Ends with 1, and writes nothing
 * of a trace, when a place is left in it that is none of `PLACES`.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { parseArgs } from 'node:util';
import { constants, zstdCompressSync, zstdDecompressSync } from 'node:zlib';

/** The places that a kept trace may name: those that say nothing of a machine. */
const PLACES = /^\/(?:app|python|node|java|abreast|usr|s?bin|etc|proc|dev\/null|tmp\/run)(?![\w.-])/;
/** An absolute path, and not the path of a URL. */
const PATH = /(?<![\w./\])*@%-])\/[\w.@+-]+(?:\/[\w.@+-]+)*/g;

/** Absolute paths in a trace's text that name a place of the machine where it was recorded. */
export function strangePlaces(text: string): string[] {
  const withoutRoutes = text.replaceAll(/"route":"[^"]*"/g, '');
  const paths = withoutRoutes.replaceAll('file:///', '/').match(PATH) ?? [];
  return [...new Set(paths)].filter((path) => !PLACES.test(path));
}

interface Place {
  readonly from: RegExp;
  readonly as: string;
}

function placeOf(text: string): Place {
  const at = text.lastIndexOf('=');
  return { from: new RegExp(text.slice(0, at), 'g'), as: text.slice(at + 1) };
}

function cleaned(text: string, places: readonly Place[]): string {
  const moved = places.reduce((sofar, { from, as }) => sofar.replaceAll(from, as), text);
  return moved.replace(/"kernel":"(\d+\.\d+)[^"]*"/, '"kernel":"$1"');
}

function textOf(path: string): string {
  const bytes = readFileSync(path);
  return (path.endsWith('.zst') ? zstdDecompressSync(bytes) : bytes).toString();
}

if (import.meta.main) {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { to: { type: 'string', default: '.' }, place: { type: 'string', multiple: true, default: [] } },
  });
  for (const path of positionals) {
    const text = cleaned(textOf(path), values.place.map(placeOf));
    const strange = strangePlaces(text);
    if (strange.length > 0) {
      console.error(`${path}: left out, it names ${strange.join(' ')}`);
      process.exitCode = 1;
      continue;
    }
    const compressed = zstdCompressSync(text, { params: { [constants.ZSTD_c_compressionLevel]: 19 } });
    writeFileSync(join(values.to, `${basename(path).replace(/\.zst$/, '')}.zst`), compressed);
  }
}
