/**
 * `npm run docs:pictures`, or `npm run docs:pictures -- stages watch`: makes the pictures of README.md and docs/. Look at
 * each before it is committed: would you put it on a slide?
 */
import { pagePictures } from './pictures/page.ts';
import { stagesPicture } from './pictures/stages.ts';
import { watchPicture } from './pictures/watch.ts';

const PICTURES = { page: pagePictures, stages: stagesPicture, watch: watchPicture };

const named = process.argv.slice(2);
for (const [name, make] of Object.entries(PICTURES))
  if (named.length === 0 || named.includes(name)) await make();
