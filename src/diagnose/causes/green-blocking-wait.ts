import { rule } from '../rule.ts';
import { blockedHub } from '../scene/blocked-hub.ts';

/** Any other socket that blocks gevent or eventlet. */
export const greenBlockingWait = rule({
  id: 'green-blocking-wait',
  step: 'sent',
  means: 'any other socket that blocks gevent or eventlet',
  toldFrom: 'waits of its socket on one descriptor, and what the patch left',
  fix: { any: 'Patch everything, before any other import.' },
  sure: 'certain with its stack, else likely',
  references: [],
  yieldsTo: [],
  find: (scene) => {
    const blocked = blockedHub(scene);
    if (blocked === undefined || blocked.isOpenSsl) return undefined;
    return { ...blocked.found, reference: REFERENCES[blocked.green] };
  },
});

const REFERENCES = {
  gevent: {
    url: 'https://github.com/gevent/gevent/issues/785',
    title: 'gevent doesn`t switch while doing ssl connect',
  },
  eventlet: {
    url: 'https://github.com/eventlet/eventlet/issues/765',
    title: 'Python urllib3 module could it be monkeypatched by eventlet?',
  },
} as const;
