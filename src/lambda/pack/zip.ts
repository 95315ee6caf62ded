import { zipSync } from 'fflate';

/** A file of a zip. */
export interface ZipEntry {
  readonly path: string;
  readonly bytes: Uint8Array;
  readonly executable?: boolean;
}

/** The first time that a zip can hold, as a local time: a zip has no time zone, so the bytes are the same in each. */
const FIRST_TIME = new Date(1980, 0, 1);
const UNIX = 3;

/** A zip whose bytes depend on nothing but the paths and the bytes of its files. */
export function zipOf(entries: readonly ZipEntry[]): Uint8Array {
  const sorted = entries.toSorted((one, other) => (one.path < other.path ? -1 : 1));
  return zipSync(
    Object.fromEntries(sorted.map(({ path, bytes, executable }) => [path, [bytes, modeOf(executable)]])),
    { level: 6, mtime: FIRST_TIME, os: UNIX },
  );
}

/** A regular file, which everybody may read: Lambda runs a function as a user without rights. */
function modeOf(executable = false): { readonly attrs: number } {
  return { attrs: (executable ? 0o100755 : 0o100644) * 2 ** 16 };
}
