/** The text of a program: what a person might have written, in the style of its client. */
import { CLIENTS } from '../clients.ts';
import type { Program } from '../program.ts';
import { asyncio } from './asyncio.ts';
import { gevent } from './gevent.ts';
import { node } from './node.ts';
import { ruby } from './ruby.ts';
import { shell } from './shell.ts';
import type { Text } from './text.ts';
import { threads } from './threads.ts';

const STYLES = { threads, asyncio, gevent, node, ruby, shell } as const;

/** @throws Error where the style has no text for the mechanism. */
export function textOf(program: Program): Text {
  return STYLES[CLIENTS[program.client]!.style](program);
}
