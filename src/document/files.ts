import { readdirSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { didYouMean } from './words.ts';

/** '; did you mean 'services.csv'?', of the files beside one that is not there; or nothing. */
export function didYouMeanFile(path: string): string {
  try {
    return didYouMean(basename(path), readdirSync(dirname(path)));
  } catch {
    return ''; // no such folder either
  }
}
