import { settingOf } from '../commands/settings.ts';
import { rule } from '../rule.ts';
import { oneProgram } from '../scene/one-program.ts';

/** From outside alone, one program that makes its requests one after another: what was seen, and what would tell more. */
export const oneByOne = rule({
  id: 'one-by-one',
  step: 'wanted',
  means: 'one request after another, and nobody saw what was wanted',
  toldFrom: 'the wire alone',
  fix: {
    any: 'A loop, one worker, a limit of 1 or a lock would all look like this: the stack of the waiting program tells.',
    python:
      'A loop, one worker, a limit of 1 or a lock would all look like this: `py-spy dump --pid PID` tells.',
    node: 'A loop, one worker, a limit of 1 or a lock would all look like this: a probe inside the program tells.',
  },
  sure: 'likely',
  references: [],
  yieldsTo: [
    'command-limit',
    'retry-sleep',
    'curl-one-by-one',
    'wget-one-by-one',
    'one-process-at-a-time',
    'loop-waits-for-child',
  ],
  find: (scene) => {
    const one = oneProgram(scene);
    if (one === undefined) return undefined;
    const setting = settingOf(one.process?.argv ?? []);
    return {
      confidence: 'likely',
      share: scene.lostShare,
      text: `${scene.exchanges.length} requests, one after another, ${one.over}; nothing else was waiting.`,
      because: ["Whether more were wanted at once, and what they waited for, can't be seen from outside."],
      places: [],
      evidence: one.evidence,
      ...(setting !== undefined && { fix: setting }),
    };
  },
});
