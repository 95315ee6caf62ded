import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout as after } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { Verdict } from '../../src/diagnose/index.ts';
import { freePort } from '../servers/index.ts';
import { MECHANISMS } from './mechanisms.ts';
import { type Counted, startOrigins } from './origins.ts';
import type { Program } from './program.ts';
import { textOf } from './programs/index.ts';
import { toolOf } from './tools.ts';

const ABREAST = fileURLToPath(new URL('../../bin/abreast', import.meta.url));
const LIMIT_MS = 60_000;

/** What came of a program under watch. */
export interface Performance {
  readonly verdict: Verdict;
  readonly counted: Counted;
}

/**
 * Writes a program into a folder, with its trace and its verdict, and runs it under watch.
 * @param options more options of watch
 * @returns a reason instead, where this machine lacks what it needs
 * @throws Error where the program fails or watch gives no verdict
 */
export async function perform(
  program: Program,
  folder: string,
  options: readonly string[] = [],
): Promise<Performance | { readonly skip: string }> {
  const { file, language, source } = textOf(program);
  const tool = toolOf(language);
  if ('skip' in tool) return tool;
  const rule = MECHANISMS[program.mechanism]!;
  const origins = await startOrigins(program.origins, rule.conduct?.(program));
  try {
    await mkdir(folder, { recursive: true });
    const ids = program.delaysMs.map(() => randomBytes(4).toString('hex'));
    const urls = program.delaysMs.map(
      (ms, i) => `${origins.urls[i % origins.urls.length]}/item/${ids[i]}?ms=${ms}`,
    );
    await writeFile(join(folder, file), source.trimStart());
    await writeFile(join(folder, 'program.json'), JSON.stringify(program));
    await writeFile(join(folder, 'urls.txt'), `${urls.join('\n')}\n`);
    const port = rule.serves === undefined ? 0 : await freePort();
    const variables = { ...tool.variables, BASE: origins.urls[0]!, PORT: String(port) };
    const ended = watch(folder, [...options, '--', tool.command, file], variables);
    if (rule.serves !== undefined) await drive(port, rule.serves);
    await ended;
    const verdict = JSON.parse(await readFile(join(folder, 'verdict.json'), 'utf8')) as Verdict;
    const counted = origins.counted();
    // Nothing but watch is between the program and its servers.
    if (counted.requests < program.n)
      throw new Error(`the servers saw ${counted.requests} of ${program.n} requests`);
    return { verdict, counted };
  } finally {
    await origins.close();
  }
}

async function watch(
  folder: string,
  optionsAndCommand: readonly string[],
  variables: NodeJS.ProcessEnv,
): Promise<void> {
  const own = ['watch', '--json-file', 'verdict.json', '--trace', 'trace.jsonl'];
  const child = spawn(ABREAST, [...own, ...optionsAndCommand], {
    cwd: folder,
    env: { ...process.env, ...variables },
    stdio: ['ignore', 'ignore', 'pipe'],
    timeout: LIMIT_MS,
  });
  const errors = text(child.stderr);
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject).once('close', resolve);
  });
  if (code !== 0)
    throw new Error(`exit code ${code}\n  ${(await errors).trim().split('\n').slice(-12).join('\n  ')}`);
}

/** Plays the users of a program that takes requests, and ends it. */
async function drive(port: number, { users, rounds }: { users: number; rounds: number }): Promise<void> {
  const base = `http://127.0.0.1:${port}`;
  await untilThere(port);
  async function user(number: number): Promise<void> {
    for (let round = 0; round < rounds; round++) await (await fetch(`${base}/report/${number}`)).text();
  }
  await Promise.all(Array.from({ length: users }, (_, number) => user(number)));
  await fetch(`${base}/quit`).then((answer) => answer.text());
}

/** Whether something listens there is asked of the kernel, so that the program takes no request for it. */
async function untilThere(port: number): Promise<void> {
  const hex = port.toString(16).toUpperCase().padStart(4, '0');
  for (let waited = 0; waited < LIMIT_MS; waited += 50) {
    if (new RegExp(`:${hex} \\S+ 0A `).test(await readFile('/proc/net/tcp', 'utf8'))) return;
    await after(50);
  }
  throw new Error(`nothing listens on port ${port}`);
}
