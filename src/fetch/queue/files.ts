import { readdirSync, readFileSync } from 'node:fs';

/** Descriptors reserved for other uses than connections: name servers, outputs, the trace, modules loaded late. */
const RESERVED = 16;

/**
 * How many connections the system's limit on open files leaves room for, up to `wanted`; `wanted` where the limit
 * can't be read (outside Linux), and EMFILE will tell.
 */
export function roomForFiles(wanted: number): number {
  const limit = openFilesLimit();
  if (limit === null || limit > 2 * wanted + 256) return wanted;
  return Math.max(1, Math.min(wanted, limit - openFiles() - RESERVED));
}

function openFilesLimit(): number | null {
  try {
    const limits = readFileSync('/proc/self/limits', 'utf8');
    const soft = /^Max open files\s+(\d+)/m.exec(limits)?.[1];
    return soft === undefined ? null : Number(soft);
  } catch {
    return null;
  }
}

function openFiles(): number {
  return readdirSync('/proc/self/fd').length;
}
