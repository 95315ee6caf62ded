import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { NODE_PROBE } from './recorders/node/index.ts';
import { pythonProbe } from './recorders/python/index.ts';

const README = `# abreast's probes

Plain files that record what a program asks of its HTTP libraries, where abreast itself is not: in a container, on
another machine, in a function. They need nothing but the program's own Python (2.7, 3.6 to 3.14) or Node (18 to 26).
DIR is this folder; give it as an absolute path.

    PYTHONPATH=DIR ABREAST_TRACE=/tmp/t-%p.jsonl python report.py
    NODE_OPTIONS="--require DIR/${basename(NODE_PROBE)}" ABREAST_TRACE=/tmp/t-%p.jsonl node report.js

\`%p\` is the process id: every process of a command writes its own file. Take the files home, and judge them together:

    abreast judge t-*.jsonl

Passwords, tokens, cookies and authorization are never written; ABREAST_KEEP_URLS=1 leaves credentials in URLs.
In AWS Lambda put the folder into the package or a layer, set the same variables with /tmp/t-%p.jsonl, and send the
file somewhere at the end of the handler. \`python -I\`, \`-E\` and \`-S\` do not load the probe.
`;

/** Writes the probes and how to use them into a folder. Gives the paths. @throws what the file system throws */
export function writeKit(folder: string): string[] {
  mkdirSync(folder, { recursive: true });
  const probes = [pythonProbe, NODE_PROBE].map((probe) => {
    const path = join(folder, basename(probe));
    copyFileSync(probe, path);
    return path;
  });
  const readme = join(folder, 'README.md');
  writeFileSync(readme, README);
  return [...probes, readme];
}

/** The variables that load the probes from a folder, and where they write. */
export function kitVariables(folder: string, trace: string): readonly string[] {
  return [
    `PYTHONPATH=${folder}`,
    `NODE_OPTIONS=--require ${folder}/${basename(NODE_PROBE)}`,
    `ABREAST_TRACE=${trace}`,
  ];
}
