import { isRecursion } from '../languages/python.ts';
import type { Cause } from '../scene/cause.ts';
import { greenletsOf, patchesOf } from '../scene/holding.ts';
import { shortPlace } from '../scene/modules.ts';
import { patchText } from '../scene/patches.ts';
import type { Scene } from '../scene/scene.ts';

/** gevent or eventlet patched after others had taken what it replaces, and the requests fail by it. */
export function latePatch(scene: Scene): Cause | undefined {
  const { exchanges, judgement } = scene;
  const failed = exchanges.filter(({ exchange }) => isRecursion(exchange.error));
  if (failed.length === 0 || failed.length < exchanges.length / 2) return undefined;
  const green = greenletsOf(scene, []);
  const stale = patchesOf(scene).patches.filter(
    ({ target, replacement, heldBy }) => target === 'ssl' && replacement !== null && heldBy !== undefined,
  );
  const [patch] = stale;
  if (green === undefined || patch === undefined) return undefined;
  const { at, heldBy: held = [] } = patch;
  const who = `${held[0]}${held.length === 1 ? ' was' : ` and ${held.length - 1} more were`} taken from ssl before ${green}'s monkey patch${at === undefined ? '' : ` (${green} imported at ${shortPlace(at)})`}`;
  return {
    id: 'late-patch',
    confidence: 'likely',
    text: `${failed.length} of ${exchanges.length} requests failed with ${failed[0]!.exchange.error}: ${who}.`,
    who,
    share: judgement.answered === 0 ? 1 : failed.length / exchanges.length,
    evidence: [
      ...failed.slice(0, 3).map(({ exchange }) => `exchange ${exchange.id}: ${exchange.error}`),
      `patch: ${patchText(patch)}`,
    ],
    remedy: `Patch before any other import: ${green === 'gevent' ? 'from gevent import monkey; monkey.patch_all()' : 'import eventlet; eventlet.monkey_patch()'} in the first lines of the program.`,
    reference: 'gevent/gevent#1016',
  };
}
