import type { Verdict } from '../../diagnose/index.ts';
import { keepAlive } from './keep-alive.ts';
import { limit } from './limit.ts';
import { geventResolver, nameThreads } from './names.ts';
import { patchFirst, patchSelect } from './patch.ts';
import type { Fix, Plan } from './plan.ts';
import { pyopenssl } from './pyopenssl.ts';

/** In the order in which they are tried for a cause. */
const FIXES: readonly Fix[] = [
  pyopenssl,
  patchSelect,
  patchFirst,
  limit,
  nameThreads,
  geventResolver,
  keepAlive,
];

/** What can be tried from outside, for the causes in their order. */
export function plansFor(verdict: Verdict): readonly Plan[] {
  return verdict.causes.flatMap((cause) =>
    FIXES.flatMap(({ id, plan }) => {
      const planned = plan(cause, verdict);
      return planned === undefined ? [] : [{ fix: id, cause: cause.id, ...planned }];
    }),
  );
}
