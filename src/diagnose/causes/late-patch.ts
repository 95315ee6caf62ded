import { isRecursion } from '../languages/python.ts';
import { rule } from '../rule.ts';
import { greenletsOf, patchesOf } from '../scene/greenlets.ts';
import { moduleVersion, setPlaces, shortPlace } from '../scene/modules.ts';
import { MOSTLY } from '../thresholds.ts';

/** gevent or eventlet patched after others had taken what it replaces, and the requests fail by it. */
export const latePatch = rule({
  id: 'late-patch',
  step: 'sent',
  means: 'the monkey patch came after what it replaces had been taken, and requests fail by it',
  toldFrom: 'RecursionError; what still holds the old one',
  fix: { any: 'Patch before any other import, in the first lines of the program.' },
  sure: 'likely',
  references: [
    {
      url: 'https://github.com/gevent/gevent/issues/1016',
      title: 'SSLContext infinite recursion in Python 3.6',
    },
  ],
  yieldsTo: [],
  find: (scene) => {
    const { exchanges, judgement } = scene;
    const failed = exchanges.filter(({ exchange }) => isRecursion(exchange.error));
    if (failed.length === 0 || failed.length < MOSTLY * exchanges.length) return undefined;
    const green = greenletsOf(scene, []);
    const patch = patchesOf(scene).patches.find(
      ({ target, replacement, heldBy }) => target === 'ssl' && replacement !== null && heldBy !== undefined,
    );
    if (green === undefined || patch === undefined) return undefined;
    const { at, heldBy: held = [] } = patch;
    const taken = held.length === 1 ? `${held[0]} was` : `${held[0]} and ${held.length - 1} more were`;
    const where = at === undefined ? '' : ` (${green} imported at ${shortPlace(at)})`;
    return {
      confidence: 'likely',
      share: judgement.answered === 0 ? 1 : failed.length / exchanges.length,
      text: `${failed.length} of ${exchanges.length} requests failed with ${failed[0]!.exchange.error}.`,
      because: [`${taken} taken from ssl before ${green}'s monkey patch${where}.`],
      places: setPlaces(scene, at),
      from: moduleVersion(scene, green),
      evidence: [
        ...failed
          .slice(0, 3)
          .map(
            ({ exchange: { id, error } }) =>
              ({ kind: 'exchange', id, ...(typeof error === 'string' && { error }) }) as const,
          ),
        { kind: 'patch', patch },
      ],
      fix: `Patch before any other import: ${FIRST_LINES[green]} in the first lines of the program.`,
    };
  },
});

const FIRST_LINES = {
  gevent: '`from gevent import monkey; monkey.patch_all()`',
  eventlet: '`import eventlet; eventlet.monkey_patch()`',
} as const;
