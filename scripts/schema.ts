/** `node scripts/schema.ts`: writes schema/report.json and schema/trace.json. */
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { reportJsonSchema } from '../src/report/file/schema.ts';
import { describedTraceSchema } from './trace-schema.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const schemas = { 'schema/report.json': reportJsonSchema(), 'schema/trace.json': describedTraceSchema() };
for (const [path, schema] of Object.entries(schemas))
  writeFileSync(`${root}${path}`, `${JSON.stringify(schema, null, 2)}\n`);
const { status } = spawnSync(
  `${root}node_modules/.bin/biome`,
  ['format', '--write', ...Object.keys(schemas)],
  { cwd: root, stdio: 'inherit' },
);
process.exitCode = status ?? 1;
