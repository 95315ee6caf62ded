import type { Patch } from '../records.ts';

interface PatchV1 {
  readonly target: string;
  readonly by: string;
  readonly left?: readonly string[];
}

const NOT_PATCHED = ': not patched';

/** 'gevent 1.2.2, imported at program.py:3: not patched', or the class of gevent's resolver */
export function patch({ target, by, left = [] }: PatchV1): Patch {
  if (/^gevent\.resolver/.test(by)) return { target, by: 'gevent', replacement: by };
  const none = by.endsWith(NOT_PATCHED);
  const { name, version, at } = whoOf(none ? by.slice(0, -NOT_PATCHED.length) : by, 'imported at');
  const own = left.filter((item) => item.startsWith(`${target}.`));
  return {
    target,
    by: name,
    ...(version !== undefined && { version }),
    ...(none && { replacement: null }),
    ...(own.length > 0 && { left: own }),
    ...(own.length < left.length && { heldBy: left.filter((item) => !own.includes(item)) }),
    ...(at !== undefined && { at }),
  };
}

/** 'urllib3.contrib.pyopenssl.PyOpenSSLContext, pyOpenSSL 19.0.0, injected at requests/__init__.py:54', 'gevent_openssl 1.2' */
export function override({ target, by, left }: PatchV1): Patch {
  const [, replacement, who] = /^(?:([\w.]+), )?(.*)$/.exec(by) ?? [];
  const { name, version, at } = whoOf(who ?? by, 'injected at');
  return {
    target,
    by: name,
    ...(version !== undefined && { version }),
    ...(replacement !== undefined && { replacement }),
    ...(left !== undefined && { left }),
    ...(at !== undefined && { at }),
  };
}

function whoOf(text: string, place: string): Pick<Patch, 'version' | 'at'> & { readonly name: string } {
  const [who = '', at] = text.split(`, ${place} `);
  const [name = '', version] = who.trim().split(' ');
  return { name, ...(version !== undefined && { version }), ...(at !== undefined && at !== '?' && { at }) };
}
