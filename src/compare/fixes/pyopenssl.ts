import { type Fix, seen } from './plan.ts';

/** Keeps pyOpenSSL out of urllib3: a program that puts it there finds a function that does nothing. */
export const pyopenssl: Fix = {
  id: 'pyopenssl',
  plan: (cause) => {
    const patch = seen(cause, 'patch').find(({ patch: { by } }) => by === 'pyOpenSSL')?.patch;
    if (cause.id !== 'gevent-blocking-wait' || patch === undefined) return undefined;
    const name = patch.version === undefined ? 'pyOpenSSL' : `pyOpenSSL ${patch.version}`;
    return {
      text: `${name} is kept out of urllib3, as if it were not installed`,
      load: null,
      changes: [['no-pyopenssl']],
      variables: {},
    };
  },
};
