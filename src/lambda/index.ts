/**
 * A report in AWS Lambda: the function's package, its template, and the probes of `watch` as a layer.
 *
 * 1. `function.ts` is the function itself, and a door of its own: `abreast/lambda` exports it. It says how a run goes from one invocation
 *    to the next.
 * 2. `pack/pack.ts` makes the zip: the function as one file (`pack/function.ts`), DuckDB's library for its processor (`pack/duckdb.ts`), the
 *    report and what it reads. `pack/zip.ts` writes it, the same bytes each time. `dumps.ts` refuses files that would be lost.
 * 3. `template.ts` writes the SAM template; `variables.ts` knows which variables of the report it has to ask for.
 * 4. `layer/layer.ts` makes the layer of the probes; `layer/extension.sh` puts their traces into S3.
 */
export { LambdaError } from './error.ts';
export { type PackedLayer, packLayer } from './layer/layer.ts';
export type { Arch } from './pack/duckdb.ts';
export { type Packed, packFunction } from './pack/pack.ts';
export { type TemplateOptions, templateOf } from './template.ts';
