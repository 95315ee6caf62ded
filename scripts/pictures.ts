/**
 * `npm run docs:pictures`: makes the pictures of README.md and docs/. Look at each before it is committed: would you
 * put it on a slide?
 */
import { pagePictures } from './pictures/page.ts';

await pagePictures();
