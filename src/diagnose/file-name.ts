/** 'report.py' of '/srv/report.py' and 'C:\srv\report.py'. By hand: a browser has no node:path. */
export function fileName(path: string): string {
  return path.slice(Math.max(path.lastIndexOf('/'), path.lastIndexOf('\\')) + 1);
}
