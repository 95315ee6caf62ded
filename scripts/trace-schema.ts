import { readFileSync } from 'node:fs';
import { traceJsonSchema } from '../src/trace/schema.ts';

/** A part of a JSON Schema, as far as it is read here. */
interface Part {
  description?: string;
  readonly oneOf?: readonly Part[];
  readonly items?: Part;
  readonly const?: string;
  readonly properties?: Readonly<Record<string, Part>>;
}

const SOURCES = ['records', 'units', 'environment'];

/** Fields whose value is an object, or a list of objects, and the type of it. */
const TYPES: Readonly<Record<string, string>> = {
  recorders: 'Recorder',
  host: 'Host',
  frames: 'Frame',
  wait: 'Wait',
  modules: 'Module',
  patches: 'Patch',
  limits: 'Limit',
  lost: 'Lost',
};

/** The JSON Schema of a line of a trace, with what the types of src/trace say of each record and field. */
export function describedTraceSchema(): object {
  const comments = commentsOf(SOURCES.map(sourceOf).join('\n'));
  const schema: Part = traceJsonSchema();
  for (const record of schema.oneOf ?? []) {
    const kind = record.properties!.kind!.const!;
    describe(record, typeOf(kind), comments);
  }
  return schema;
}

/** The type of a record of this kind. */
function typeOf(kind: string): string {
  return kind === 'run' ? 'RunHeader' : `${kind[0]!.toUpperCase()}${kind.slice(1)}`;
}

function sourceOf(name: string): string {
  return readFileSync(new URL(`../src/trace/${name}.ts`, import.meta.url), 'utf8');
}

function describe(part: Part, type: string, comments: ReadonlyMap<string, string>): void {
  const own = comments.get(type);
  if (own !== undefined) part.description = own;
  for (const [name, field] of Object.entries(part.properties ?? {})) {
    const text = comments.get(`${type}.${name}`);
    if (text !== undefined) field.description = text;
    const inner = TYPES[name];
    if (inner !== undefined) describe(field.items ?? field, inner, comments);
  }
}

/** The doc comments of interfaces ('Wait') and of their fields ('Wait.call'). */
function commentsOf(source: string): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  let type = '';
  for (const [, comment, name, field] of source.matchAll(
    /(?:\/\*\*((?:(?!\*\/)[\s\S])*)\*\/\s*)?(?:export interface (\w+)|readonly (\w+)\??:)/g,
  )) {
    type = name ?? type;
    if (comment === undefined) continue;
    found.set(field === undefined ? type : `${type}.${field}`, comment.replace(/\s*\n\s*\*\s?/g, ' ').trim());
  }
  return found;
}
