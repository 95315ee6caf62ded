import { readFileSync, writeFileSync } from 'node:fs';

const PAGE = new URL('../../docs/scale.md', import.meta.url);

/** The parts of the page that a command writes. */
export type Part = 'redis' | 'postgres' | 'faults' | 'paper';

/** The text on the page between the marks of a part. */
export function partPattern(part: Part): RegExp {
  return new RegExp(`(?<=<!-- npm run scale: ${part} -->\\n)[\\s\\S]*?(?=<!-- end -->)`);
}

/** Puts a part into docs/scale.md. */
export function writePart(part: Part, text: string): void {
  const page = readFileSync(PAGE, 'utf8');
  writeFileSync(
    PAGE,
    page.replace(partPattern(part), () => text),
  );
}
