/** An interpreter of this machine that was asked what it is. */
export interface Interpreter {
  readonly language: 'python' | 'node';
  /** The command that starts it, a path. */
  readonly file: string;
  /** '3.7.16'. */
  readonly version: string;
  /** Where it is installed (sys.prefix), which tells virtual environments apart. */
  readonly prefix: string;
}

/** '3.7' of '3.7.16'. */
export function minorOf(version: string): string {
  return version.split('.').slice(0, 2).join('.');
}
