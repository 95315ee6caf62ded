import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The table of rooms in ARCHITECTURE.md and what package.json lets the package depend on. */
export interface Plan {
  readonly rooms: ReadonlyMap<string, Room>;
  /** Packages that come with an installed abreast. */
  readonly packages: ReadonlySet<string>;
  /** Packages that come only where a user installs them as well. */
  readonly optional: ReadonlySet<string>;
  /** Packages that are only here: esbuild puts what a page needs of them into it. */
  readonly bundled: ReadonlySet<string>;
}

export interface Room {
  /** The rooms it may import. */
  readonly imports: ReadonlySet<string>;
  /** Files of other rooms, 'room/file.ts', that it may load by `await import` past the door. */
  readonly lazily: ReadonlySet<string>;
}

/** @throws Error when ARCHITECTURE.md has no table that starts with `| room | imports |`. */
export function readPlan(root: string): Plan {
  const {
    dependencies = {},
    peerDependencies = {},
    devDependencies = {},
  } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  return {
    rooms: readTable(readFileSync(join(root, 'ARCHITECTURE.md'), 'utf8')),
    packages: new Set(Object.keys(dependencies)),
    optional: new Set(Object.keys(peerDependencies)),
    bundled: new Set(Object.keys(devDependencies)),
  };
}

function readTable(markdown: string): Map<string, Room> {
  const lines = markdown.split('\n');
  const head = lines.findIndex((line) => /^\|\s*room\s*\|\s*imports\s*\|/.test(line));
  if (head === -1) throw new Error('ARCHITECTURE.md has no table that starts with `| room | imports |`');

  const rooms = new Map<string, Room>();
  for (const line of lines.slice(head + 2)) {
    if (!line.startsWith('|')) break;
    const [name, imports] = line.split('|').slice(1).map(codeSpans);
    if (name?.[0] === undefined || imports === undefined)
      throw new Error(`ARCHITECTURE.md: no room in: ${line}`);
    rooms.set(name[0], {
      imports: new Set(imports.filter((span) => !span.includes('/'))),
      lazily: new Set(imports.filter((span) => span.includes('/'))),
    });
  }
  return rooms;
}

function codeSpans(cell: string): string[] {
  return [...cell.matchAll(/`([^`]+)`/g)].map((match) => match[1]!);
}
