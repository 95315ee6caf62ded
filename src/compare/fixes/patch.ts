import { type Fix, seen } from './plan.ts';

/** Has gevent's patch replace `select` as well, where the program told it not to. */
export const patchSelect: Fix = {
  id: 'patch-select',
  plan: (cause) => {
    const left = seen(cause, 'patch').some(
      ({ patch: { target, by, replacement } }) =>
        target === 'select' && by === 'gevent' && replacement === null,
    );
    if (!left) return undefined;
    return {
      text: "gevent's patch_all() replaces `select` as well",
      load: null,
      changes: [['patch-select']],
      variables: {},
    };
  },
};

const LATE = new Set(['late-patch', 'green-blocking-wait', 'gevent-blocking-wait']);

/** Patches before the first line of the program, where the program patched after something had been taken, or not at all. */
export const patchFirst: Fix = {
  id: 'patch-first',
  plan: (cause) => {
    const by =
      seen(cause, 'patch').find(({ patch }) => isGreen(patch.by))?.patch.by ?? cause.from?.module ?? '';
    if (!LATE.has(cause.id) || !isGreen(by)) return undefined;
    const call = by === 'gevent' ? 'gevent.monkey.patch_all()' : 'eventlet.monkey_patch()';
    return {
      text: `${call} runs before the first line of the program`,
      load: null,
      changes: [['patch-first', by]],
      variables: {},
    };
  },
};

function isGreen(name: string): boolean {
  return name === 'gevent' || name === 'eventlet';
}
