import { basename } from 'node:path';

/** Options whose value is the next argument, or after which the program's own arguments begin. */
const WITH_VALUE = /^-[a-zA-Z]*[WXQ]$/;
const PROGRAM = /^-[a-zA-Z]*[cm]/;

export function isPython(program: string): boolean {
  return /^(python|pypy)[\d.]*$/.test(basename(program));
}

/**
 * Why a Python command won't load the probe, and what to do; undefined when nothing in it says so.
 * `-I` and `-E` ignore PYTHONPATH, `-S` leaves sitecustomize out (docs.python.org/3/using/cmdline.html).
 */
export function pythonHindrance(command: readonly string[]): string | undefined {
  const at = command.findIndex(isPython);
  if (at === -1) return undefined;
  const found = interpreterOptions(command.slice(at + 1)).find((option) => /^-[a-zA-Z]*[IES]/.test(option));
  if (found === undefined) return undefined;
  return `${command[at]} ${found} ignores PYTHONPATH or sitecustomize, so the Python probe is not loaded: leave ${found} out`;
}

function interpreterOptions(words: readonly string[]): string[] {
  const options: string[] = [];
  for (let at = 0; at < words.length; at++) {
    const word = words[at]!;
    if (!word.startsWith('-') || word === '-' || word === '--') break;
    if (word.startsWith('--')) continue;
    const program = PROGRAM.exec(word);
    options.push(program ? program[0].slice(0, -1) : word);
    if (program) break;
    if (WITH_VALUE.test(word)) at++;
  }
  return options;
}
