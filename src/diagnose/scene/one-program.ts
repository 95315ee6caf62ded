import type { Process } from '../../trace/index.ts';
import type { Observation } from '../found.ts';
import { nameOf, processesOf } from './processes.ts';
import { ofScene } from './scene.ts';

/** One program, seen from outside, that made its requests one after another. */
export interface OneProgram {
  /** undefined where nobody saw it start. */
  readonly name: string | undefined;
  readonly process: Process | undefined;
  /** '20 requests, one after another, on one connection' without its number. */
  readonly over: string;
  readonly evidence: readonly Observation[];
}

const MOST_SHOWN = 3;

/** Undefined where requests overlapped, or somebody saw what was wanted. */
export const oneProgram = ofScene((scene): OneProgram | undefined => {
  const { judgement, exchanges } = scene;
  if (judgement.overlap !== 'serial' || judgement.wanted !== null) return undefined;
  const connections = new Set(exchanges.map(({ exchange }) => exchange.connection)).size;
  const process = processesOf(scene).get(exchanges[0]?.exchange.pid ?? -1);
  return {
    name: nameOf(process),
    process,
    over: connections === 1 ? 'on one connection' : `on ${connections} connections, one after the other`,
    evidence: exchanges.slice(0, MOST_SHOWN).map(({ exchange: { id, connection } }) => ({
      kind: 'exchange',
      id,
      ...(typeof connection === 'number' && { connection }),
    })),
  };
});
