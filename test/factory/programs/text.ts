import { CLIENTS, type Client } from '../clients.ts';
import type { Program } from '../program.ts';

/** A program that can be written to a file and run. It reads urls.txt in its folder, and BASE in its environment. */
export interface Text {
  readonly file: string;
  readonly language: 'python' | 'node' | 'ruby' | 'shell';
  readonly source: string;
}

export function clientOf(program: Program): Client {
  return CLIENTS[program.client]!;
}

/** Seconds after which a client gives up: soon where a mechanism is about that. */
export function timeoutOf({ mechanism }: Program): number {
  return mechanism === 'timeouts' ? 0.8 : 30;
}

/** The texts of a style, by mechanism; `MECHANISM/1` is another way to write the same. */
export type Bodies = Readonly<Record<string, string>>;

/** The lines of a mechanism, with its width in the place of K_AT_A_TIME. @throws Error where there are none. */
export function linesOf(bodies: Bodies, program: Program): string {
  const lines = bodies[`${program.mechanism}/${program.variant}`] ?? bodies[program.mechanism];
  if (lines === undefined) throw new Error(`no text for ${program.mechanism} with ${program.client}`);
  return lines.trim().replaceAll('K_AT_A_TIME', String(program.k)).replaceAll('PEEK', peekOf(program));
}

function peekOf(program: Program): string {
  return clientOf(program).peek?.trim() ?? '';
}

/** What `client` is made of, or null where the library has no such thing. */
export function openingOf(program: Program): string | null {
  const { open, limited } = clientOf(program);
  return program.mechanism === 'connections' ? (limited?.(program.k) ?? null) : (open ?? null);
}
