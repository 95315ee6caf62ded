import { isAbsolute, normalize } from 'node:path';
import { type Report, reportErrorAt } from '../report/index.ts';
import { isS3 } from '../storage/index.ts';

/** Where Lambda mounts file systems. */
const MOUNTED = '/mnt/';

/** Refuses dumps into files that nobody would find after the run. @throws ReportError */
export function refuseLostDumps(report: Report): void {
  for (const { to, place } of report.dumps) {
    const why = 'path' in to && !isS3(to.path) ? whyLost(to.path) : null;
    if (why !== null) throw reportErrorAt(report, place, why);
  }
}

function whyLost(path: string): string | null {
  if (isAbsolute(path))
    return normalize(path).startsWith(MOUNTED)
      ? null
      : `${path} is on the disk of the function, which is gone after the run. Write a relative path, which goes to the storage ` +
          `of the run, or s3://, or the path of a file system that the function has below ${MOUNTED}.`;
  if (!/(?:^|\/)\.|\\/.test(normalize(path))) return null;
  return `${path} has no place in the storage of the run: no part of a path may begin with '.', and none has a '\\'.`;
}
