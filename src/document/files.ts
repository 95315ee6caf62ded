import { readdirSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { didYouMean } from './words.ts';

/** '; did you mean 'services.csv'?', from the files in the folder of a missing one; or nothing. */
export function didYouMeanFile(path: string): string {
  try {
    return didYouMean(basename(path), readdirSync(dirname(path)));
  } catch {
    return ''; // no such folder either
  }
}
