import type { Cause } from './cause.ts';
import { shortPlace } from './frames.ts';
import { greenletsOf, patchesOf } from './holding.ts';
import type { Scene } from './scene.ts';

/** gevent or eventlet patched after others had taken what it replaces, and the requests fail by it. */
export function latePatch(scene: Scene): Cause | undefined {
  const { exchanges, judgement } = scene;
  const failed = exchanges.filter(({ exchange }) =>
    /^Recursion(?:Error)?$|maximum recursion/i.test(exchange.error ?? ''),
  );
  if (failed.length === 0 || failed.length < exchanges.length / 2) return undefined;
  const green = greenletsOf(scene, []);
  const stale = patchesOf(scene).patches.filter(
    ({ target, left, by }) =>
      target === 'ssl' &&
      !by.includes('not patched') &&
      (left ?? []).some((name) => !name.startsWith('ssl.')),
  );
  const [patch] = stale;
  if (green === undefined || patch === undefined) return undefined;
  const where = /imported at (.*?:\d+)/.exec(patch.by)?.[1];
  const held = (patch.left ?? []).filter((name) => !name.startsWith('ssl.'));
  const who = `${held[0]}${held.length === 1 ? ' was' : ` and ${held.length - 1} more were`} taken from ssl before ${green}'s monkey patch${where === undefined ? '' : ` (${green} imported at ${shortPlace(where)})`}`;
  return {
    id: 'late-patch',
    confidence: 'likely',
    text: `${failed.length} of ${exchanges.length} requests failed with ${failed[0]!.exchange.error}: ${who}.`,
    who,
    share: judgement.answered === 0 ? 1 : failed.length / exchanges.length,
    evidence: [
      ...failed.slice(0, 3).map(({ exchange }) => `exchange ${exchange.id}: ${exchange.error}`),
      `patch: ${patch.target} by ${patch.by}, still held by ${held.join(', ')}`,
    ],
    remedy: `Patch before any other import: ${green === 'gevent' ? 'from gevent import monkey; monkey.patch_all()' : 'import eventlet; eventlet.monkey_patch()'} in the first lines of the program.`,
    reference: 'gevent/gevent#1016',
  };
}
