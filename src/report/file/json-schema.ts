import { z } from 'zod';
import { reportSchema } from './schema.ts';

/** The JSON Schema of report files (draft 2020-12), for editors: schema/report.json. */
export function reportJsonSchema(): object {
  const { $schema, ...schema } = z.toJSONSchema(reportSchema, { io: 'input' });
  return {
    $schema,
    title: 'A report of abreast',
    description: 'What `abreast report` reads, as YAML or JSON.',
    ...schema,
  };
}
