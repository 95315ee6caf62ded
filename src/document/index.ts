/** YAML or JSON that a person wrote, checked against a schema: what is wrong, where, and the nearest right word. */
export { checkDocument } from './check.ts';
export type { Document, Path, Place } from './document.ts';
export { DocumentError, type Fault, faultyDocument } from './error.ts';
export { didYouMeanFile } from './files.ts';
export { openDocument, parseDocument } from './parse.ts';
export { keyPlaceOf, placeOf, placeWithin, sourceOf } from './place.ts';
export { readDocument } from './read.ts';
export { didYouMean, nearest } from './words.ts';
