/** A distribution of PyPI, or a package of npm, as it is installed. */
export interface Distribution {
  /** As it calls itself: 'pyOpenSSL'. */
  readonly name: string;
  /** The name by which others require it: 'pyopenssl'. */
  readonly key: string;
  readonly version: string;
  /** What a program imports of it: 'OpenSSL', 'google.protobuf'. */
  readonly modules: readonly string[];
  /** Keys of what it requires, extras left out. */
  readonly requires: readonly string[];
  /** The folder that it is installed in: site-packages, or what has the node_modules. */
  readonly folder: string;
  /** Its files, or whole folders where nothing lists its files, relative to `folder`. */
  readonly files: readonly string[];
}

/** How a command is run in an environment. */
export interface Place {
  /** What a run in it needs: the PATH with its interpreter first, and what selects its packages. */
  readonly variables: Readonly<Record<string, string>>;
  /** The command with its interpreter in the place of the words `python` or `node`. */
  command(words: readonly string[]): readonly string[];
}

/** Where a program can run: an interpreter, and what is installed for it. */
export interface Environment extends Place {
  readonly language: 'python' | 'node';
  /** As the user named it. */
  readonly given: string;
  /** Of the interpreter: '3.7.16'. */
  readonly version: string;
  /** Where a Python is installed, or its venv. Absent: of no Python, or of whichever the command starts. */
  readonly prefix?: string;
  readonly distributions: ReadonlyMap<string, Distribution>;
  /** Makes one of links to this one in a folder, without some files (full paths); null where that can't be. */
  mirror(folder: string, leftOut: ReadonlySet<string>): Place | null;
}

/** 'pyOpenSSL 19.0.0'. */
export function labelOf({ name, version }: Distribution): string {
  return `${name} ${version}`.trim();
}

/** 'six' of 'six.py', '_cffi_backend' of '_cffi_backend.cpython-37m-x86_64-linux-gnu.so'; null: no module of Python. */
export function moduleOf(file: string): string | null {
  return /^(\w+)(\.py|(\.[\w-]+)*\.(so|pyd))$/.exec(file)?.[1] ?? null;
}

/** Commands run as they are typed, in what the shell of the user has. */
export function plainEnvironment(): Environment {
  return {
    language: 'python',
    given: 'the environment of the shell',
    version: '',
    distributions: new Map(),
    variables: {},
    command: (words) => words,
    mirror: () => null,
  };
}
