/** One HTML file that shows how a run went: its verdict, and its requests on a time line. */
export { GENERATOR } from './file/html.ts';
export { type RunOfPage, type WrittenPage, writePage } from './file/write.ts';
export { recordingOf } from './model/recording.ts';
export { type Picture, pictureOf } from './picture/picture.ts';
