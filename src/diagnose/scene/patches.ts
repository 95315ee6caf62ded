import type { Patch } from '../../trace/index.ts';

/** 'pyOpenSSL 19.0.0' */
export function nameOf({ by, version }: Patch): string {
  return version === undefined ? by : `${by} ${version}`;
}

/** 'select by gevent 1.2, imported at program.py:3, left as it was: select.select' */
export function patchText(patch: Patch): string {
  const { target, replacement, left = [], heldBy = [], at } = patch;
  return [
    `${target} by ${nameOf(patch)}`,
    ...(replacement === null ? ['not replaced'] : []),
    ...(at === undefined ? [] : [`at ${at}`]),
    ...(left.length === 0 ? [] : [`left as it was: ${left.join(', ')}`]),
    ...(heldBy.length === 0 ? [] : [`what was there before is still held by ${heldBy.join(', ')}`]),
  ].join(', ');
}
