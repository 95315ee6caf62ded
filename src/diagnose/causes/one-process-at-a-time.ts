import { rule } from '../rule.ts';
import { nameOf, processesOf } from '../scene/processes.ts';
import { NEARLY_ALL } from '../thresholds.ts';

const MOST_SHOWN = 5;

/** Processes of one request each, none of which runs while another does. */
export const oneProcessAtATime = rule({
  id: 'one-process-at-a-time',
  step: 'wanted',
  means: 'processes of one request each, one after another',
  toldFrom: "processes that don't overlap, and the process that started them",
  fix: {
    any: 'Start the next without waiting for the one before (xargs -P N, & and wait), or give all URLs to one process that gets them side by side.',
  },
  sure: 'certain where their starts were seen',
  references: [],
  yieldsTo: ['loop-waits-for-child', 'file-lock', 'command-limit'],
  find: (scene) => {
    const { judgement, exchanges } = scene;
    if (judgement.overlap !== 'serial' || judgement.step !== 'wanted') return undefined;
    const pids = new Set(exchanges.map(({ exchange }) => exchange.pid));
    if (pids.has(undefined) || pids.size < 2 || pids.size < NEARLY_ALL * exchanges.length) return undefined;
    const processes = processesOf(scene);
    const own = [...pids].flatMap((pid) => processes.get(pid!) ?? []);
    const [first] = own;
    const starter = first?.parent === undefined ? undefined : processes.get(first.parent);
    const child = nameOf(first);
    const parent = nameOf(starter);
    const of = child === undefined ? '' : ` of ${child}`;
    const by = parent === undefined ? '' : `, started by ${parent}`;
    return {
      confidence: own.length > 0 ? 'certain' : 'likely',
      share: scene.lostShare,
      text: `${pids.size} processes${of}, one at a time${by}.`,
      because: [
        `Each made ${exchanges.length === pids.size ? 'one request' : 'its requests'} and ended before the next began.`,
      ],
      places: [],
      evidence: own.slice(0, MOST_SHOWN).map((process) => ({
        kind: 'process',
        pid: process.pid,
        ...(process.parent !== undefined && { parent: process.parent }),
        name: child ?? 'process',
      })),
      ...(parent === 'xargs' && { fix: 'Give xargs -P N: so many processes at once.', reference: XARGS }),
    };
  },
});

const XARGS = {
  url: 'https://www.gnu.org/software/findutils/manual/html_node/find_html/Controlling-Parallelism.html',
  title: 'Controlling Parallelism',
};
