import type { z } from 'zod';
import { checkDocument } from './check.ts';
import type { Document } from './document.ts';
import { faultyDocument } from './error.ts';
import { openDocument } from './parse.ts';

/** Reads a file and checks it against a schema. @throws DocumentError with all its faults */
export async function readDocument<Schema extends z.ZodType>(
  file: string,
  schema: Schema,
): Promise<{ readonly value: z.infer<Schema>; readonly document: Document }> {
  const document = await openDocument(file);
  const checked = checkDocument(document, schema);
  if ('faults' in checked) throw faultyDocument(document, checked.faults);
  return { value: checked.value, document };
}
