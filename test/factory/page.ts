import { readFileSync, writeFileSync } from 'node:fs';

const PAGE = new URL('../../docs/watch.md', import.meta.url);

/** The commands that write a table, as `npm run` has them. */
export type Table = 'factory' | 'predict' | 'try' | 'try -- --tried';

/** The text on the page between the marks of a command. */
export function tablePattern(command: Table): RegExp {
  return new RegExp(`(?<=<!-- npm run ${command} -->\\n)[\\s\\S]*?(?=<!-- end -->)`);
}

/** Puts a table into docs/watch.md, with the day. */
export function writeTable(command: Table, table: string): void {
  const day = new Date().toISOString().slice(0, 10);
  const page = readFileSync(PAGE, 'utf8');
  writeFileSync(
    PAGE,
    page.replace(tablePattern(command), () => `On ${day}, ${table}`),
  );
}
