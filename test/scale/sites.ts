import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { request } from 'undici';
import type { Stats } from '../../src/testserver/index.ts';
import { type Program, startAbreast } from './program.ts';

/** A test server in a process of its own, which counts. */
export interface Site {
  readonly url: string;
  readonly program: Program;
  stats(): Promise<Stats>;
  close(): Promise<void>;
}

/** Starts `abreast serve`; returns when it listens. */
export async function startSite(number: number, folder: string): Promise<Site> {
  const program = startAbreast(`site ${number}`, ['serve', '--json'], { cwd: folder });
  const [line] = await once(createInterface(program.child.stdout!), 'line');
  const { httpUrl: url } = JSON.parse(line) as { httpUrl: string };
  return {
    url,
    program,
    async stats() {
      return (await (await request(`${url}/stats`)).body.json()) as Stats;
    },
    async close() {
      program.child.kill('SIGTERM');
      await program.ended;
    },
  };
}
