/**
 * One HTML file that shows how a run went: its verdict, and its requests on a time line.
 *
 * 1. `cli/view` (or `--html` of another command, by `cli/html.ts`) judges each trace, and gives the verdicts to `page`.
 * 2. `file/write.ts` writes one HTML file: the verdicts as JSON (`model/about.ts`), the app with a policy that allows
 *    only its hashes (`html.ts`), then each trace as deflated JSON Lines in base64 (`data.ts`), without secrets.
 *    `sample.ts` says which exchanges of a very large run are in it. `app.ts` finds the app: in the package it was
 *    built, from source `scripts/page.ts` bundles `app`.
 * 3. In the browser, `app/main.tsx` shows the verdict at once and then reads the traces (`embedded.ts`,
 *    `model/recording.ts`), a part at a time. The page computes no verdict: it takes what `diagnose` says, through its
 *    door for browsers.
 * 4. `model` makes rows, segments, curves and tables of the records: pure, without a document. `canvas` turns them into
 *    pictures through a few calls of a pen, which is a canvas or SVG. `app` has a file for each view; `state.ts` has
 *    what a person chose.
 */
export { GENERATOR } from './file/html.ts';
export { type WrittenPicture, writePicture } from './file/picture.ts';
export { type RunOfPage, type WrittenPage, writePage } from './file/write.ts';
