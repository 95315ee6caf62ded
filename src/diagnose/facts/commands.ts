import { pauseOf } from '../commands/pauses.ts';
import { type CommandRun, commandRun } from '../commands/run.ts';
import type { Evidence } from '../evidence.ts';
import { processesOf } from '../scene/processes.ts';
import { ofScene } from '../scene/scene.ts';

/** What to say of a program that sends by the clock, or pauses between its requests, as its arguments say. */
export const toldToWaitFact = ofScene((scene): string | undefined => {
  const { evidence, exchanges, judgement } = scene;
  const run = commandRun(evidence);
  if (run?.mode === 'clock') return byClock(run);
  if (judgement.overlap !== 'serial') return undefined;
  const pause = pauseOf(processesOf(scene).get(exchanges[0]?.exchange.pid ?? -1)?.argv ?? []);
  return pause === undefined
    ? undefined
    : `${pause.name} waits between its requests, as ${pause.said} says. That is no fault.`;
});

/** What the arguments of a command say of how many requests it has under way: of a program that no probe is in. */
export function commandFacts(evidence: Evidence): readonly string[] {
  if (evidence.exchange.some(({ calledUs }) => calledUs !== undefined)) return [];
  const run = commandRun(evidence);
  if (run === undefined || run.size === null) return [];
  if (run.mode === 'clock') return [byClock(run)];
  if (run.mode !== 'load' && run.isFull) return [];
  return [
    `${run.name} ${run.mode === 'load' ? 'keeps' : 'may have'} ${run.size} requests under way at a time, ${whyOf(run)}.`,
  ];
}

function whyOf({ said, option }: CommandRun): string {
  return said === null ? `as it does without ${option}` : `as ${said} says`;
}

function byClock(run: CommandRun): string {
  return `${run.name} sends by the clock, ${whyOf(run)}: how many are under way at once is up to the server.`;
}
