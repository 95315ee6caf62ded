import { type CommandHold, commandHold } from '../commands/held.ts';
import { pauseOf } from '../commands/pauses.ts';
import type { Evidence } from '../evidence.ts';
import { processesOf } from '../scene/processes.ts';
import { ofScene } from '../scene/scene.ts';

/** What is to be said of a program that was told to send by the clock, or to pause between its requests. */
export const toldToWaitFact = ofScene((scene): string | undefined => {
  const { evidence, exchanges, judgement } = scene;
  const held = commandHold(evidence);
  if (held?.hold === 'clock') return byClock(held);
  if (judgement.overlap !== 'serial') return undefined;
  const pause = pauseOf(processesOf(scene).get(exchanges[0]?.exchange.pid ?? -1)?.argv ?? []);
  return pause === undefined
    ? undefined
    : `${pause.name} waits between its requests, as ${pause.said} says. That is no fault.`;
});

/** What the arguments of a command say of how many requests it has under way: of a program that no probe is in. */
export function commandFacts(evidence: Evidence): readonly string[] {
  if (evidence.exchange.some(({ calledUs }) => calledUs !== undefined)) return [];
  const held = commandHold(evidence);
  if (held === undefined || held.size === null) return [];
  if (held.hold === 'clock') return [byClock(held)];
  if (held.hold !== 'load' && held.isFull) return [];
  return [
    `${held.name} ${held.hold === 'load' ? 'keeps' : 'may have'} ${held.size} requests under way at a time, ${whyOf(held)}.`,
  ];
}

function whyOf({ said, option }: CommandHold): string {
  return said === null ? `as it does without ${option}` : `as ${said} says`;
}

function byClock(held: CommandHold): string {
  return `${held.name} sends by the clock, ${whyOf(held)}: how many are under way at once is up to the server.`;
}
