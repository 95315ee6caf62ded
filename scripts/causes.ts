/** `node scripts/causes.ts`: writes what the rules of src/diagnose/causes say of themselves into docs/causes.md. */
import { readFileSync, writeFileSync } from 'node:fs';
import { causesPage, GENERATED } from './causes-page.ts';

const PAGE = new URL('../docs/causes.md', import.meta.url);

writeFileSync(PAGE, readFileSync(PAGE, 'utf8').replace(GENERATED, causesPage()));
