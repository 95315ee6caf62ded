import { type CommandRun, commandRun } from '../commands/run.ts';
import { rule } from '../rule.ts';
import { ofScene, type Scene } from '../scene/scene.ts';

/** A program whose arguments, or defaults, limit how many requests it makes at a time, and that has more to make. */
export const commandLimit = rule({
  id: 'command-limit',
  step: 'dispatched',
  means: 'the arguments of a program limit how many requests it makes at a time',
  toldFrom: 'its arguments; as many requests under way as they allow, and no more',
  fix: {
    any: 'Raise the number in its arguments (`xargs -P 20`, `curl --parallel-max 20`), if the server can take more at once.',
  },
  sure: 'certain where the option was given, else likely',
  references: [
    {
      url: 'https://curl.se/docs/manpage.html#--parallel-max',
      title: 'curl: --parallel-max',
    },
  ],
  yieldsTo: ['curl-one-by-one', 'file-lock', 'loop-waits-for-child'],
  find: (scene) => {
    const run = heldByCommand(scene);
    if (run === undefined) return undefined;
    const { name, size, said, option, mode } = run;
    const what =
      mode === 'children' ? `${size === 1 ? 'process' : 'processes'}` : size === 1 ? 'request' : 'requests';
    const why = said === null ? `as it does without ${option}` : `as ${said} says`;
    const { max, full } = scene.judgement.inFlight;
    return {
      confidence: said === null ? 'likely' : 'certain',
      share: scene.lostShare,
      text: `${name} runs ${size} ${what} at a time, ${why}${size === scene.evidence.host?.cpus ? ': as many as there are CPUs' : ''}.`,
      because: [
        `It made ${scene.exchanges.length} requests, ${max === 1 ? 'one after another' : `never more than ${max} at once`}.`,
      ],
      places: [],
      evidence: [{ kind: 'in-flight', max, full }],
      fix: `Give ${name} a larger ${option}, if the server can take more at once.`,
      ...(name !== 'curl' && { reference: null }),
    };
  },
});

/** The limit that holds all that was judged; undefined where there is none, or a probe saw what was wanted. */
const heldByCommand = ofScene((scene: Scene): CommandRun | undefined => {
  if (scene.exchanges.some(({ exchange }) => exchange.calledUs !== undefined)) return undefined;
  const run = commandRun(scene.evidence);
  if (run === undefined || !run.isFull || run.mode === 'load' || run.mode === 'clock') return undefined;
  // xargs without -P starts one process after another: that has a cause of its own.
  return run.said === null && run.name === 'xargs' ? undefined : run;
});
