/** One HTML file that shows how a run went: its verdict, and its requests on a time line. */
export { GENERATOR } from './file/html.ts';
export { type WrittenPicture, writePicture } from './file/picture.ts';
export { type RunOfPage, type WrittenPage, writePage } from './file/write.ts';
