/** `node scripts/schema.ts`: writes schema/report.json, the JSON Schema of what a report file may say. */
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { reportJsonSchema } from '../src/report/file/json-schema.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
writeFileSync(`${root}schema/report.json`, `${JSON.stringify(reportJsonSchema(), null, 2)}\n`);
const { status } = spawnSync(`${root}node_modules/.bin/biome`, ['format', '--write', 'schema/report.json'], {
  cwd: root,
  stdio: 'inherit',
});
process.exitCode = status ?? 1;
