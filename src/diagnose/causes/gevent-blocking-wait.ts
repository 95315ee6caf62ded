import { rule } from '../rule.ts';
import { blockedHub } from '../scene/blocked-hub.ts';

/** pyOpenSSL under gevent or eventlet: its sockets wait through a call that nobody patched. */
export const geventBlockingWait = rule({
  id: 'gevent-blocking-wait',
  step: 'sent',
  means: 'pyOpenSSL under gevent waits through a call that nobody patched',
  toldFrom: 'waits of its socket on one descriptor, the module that put it in, and what the patch left alone',
  fix: {
    any: 'Uninstall pyOpenSSL, take it out again (urllib3.contrib.pyopenssl.extract_from_urllib3), or patch everything before any other import.',
  },
  sure: 'certain with its stack, else likely',
  references: [{ url: 'https://github.com/pyca/pyopenssl/issues/778', title: 'Gevent and PyOpenSSL' }],
  yieldsTo: [],
  find: (scene) => {
    const blocked = blockedHub(scene);
    return blocked?.isOpenSsl ? blocked.found : undefined;
  },
});
