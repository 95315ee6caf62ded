import { existsSync, mkdirSync, symlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Distribution } from '../environment/environment.ts';

/**
 * Makes a folder like site-packages that has these distributions and no others, of links to their files. Nothing is
 * copied, so what is compiled keeps its place; a namespace that several share is a folder with the files of all.
 */
export function makeOverlay(folder: string, distributions: readonly Distribution[]): void {
  mkdirSync(folder, { recursive: true });
  for (const { folder: from, files } of distributions) {
    for (const file of files) {
      const [source, link] = [join(from, file), join(folder, file)];
      if (!existsSync(source) || existsSync(link)) continue;
      mkdirSync(dirname(link), { recursive: true });
      symlinkSync(source, link);
    }
  }
}
