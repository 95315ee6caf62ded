import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { probes } from './recorders/list.ts';
import { outputVariables } from './recorders/probe.ts';
import type { Probe } from './recorders/recorder.ts';

/** What the kit's programs run on, and how each is run. */
const README = `# abreast's probes

Plain files that record what a program asks of its HTTP libraries, where abreast itself is not: in a container, on
another machine, in a function. They need nothing but the program's own interpreter:
${languagesOfKit().join('; ')}.
DIR is this folder; give it as an absolute path.

${probes.map((probe) => `    ${exampleOf(probe)}\n`).join('')}
\`%p\` is the process id: every process of a command writes its own file. Take the files home, and judge them together:

    abreast judge t-*.jsonl

Passwords, tokens, cookies and authorization are never written; ABREAST_KEEP_URLS=1 leaves credentials in URLs.
For AWS Lambda, \`abreast lambda layer\` makes a layer of them, which puts the traces into S3.
${probes.flatMap(({ remark }) => (remark === undefined ? [] : `${remark}\n`)).join('')}`;

function exampleOf(probe: Probe): string {
  const variables = { ...loadingFrom('DIR', probe), ...outputVariables('/tmp/t-%p.jsonl') };
  const set = Object.entries(variables).map(([name, value]) =>
    value.includes(' ') ? `${name}="${value}"` : `${name}=${value}`,
  );
  return `${set.join(' ')} ${probe.example}`;
}

function loadingFrom(folder: string, { file, variables }: Probe): Readonly<Record<string, string>> {
  return variables(`${folder}/${basename(file)}`, {});
}

/** Writes the probes and how to use them into a folder. Gives the paths. @throws what the file system throws */
export function writeKit(folder: string): string[] {
  mkdirSync(folder, { recursive: true });
  const copies = probes.map(({ file }) => {
    const path = join(folder, basename(file));
    copyFileSync(file, path);
    return path;
  });
  const readme = join(folder, 'README.md');
  writeFileSync(readme, README);
  return [...copies, readme];
}

/** The languages that the probes are for, with their versions. */
export function languagesOfKit(): readonly string[] {
  return probes.map(({ language, versions }) => `${language} ${versions}`);
}

/** The variables that load the probes from a folder, and where they write. */
export function kitVariables(folder: string, trace: string): readonly string[] {
  const all = Object.assign({}, ...probes.map((probe) => loadingFrom(folder, probe)), outputVariables(trace));
  return Object.entries<string>(all).map(([name, value]) => `${name}=${value}`);
}
