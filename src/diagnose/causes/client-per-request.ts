import { calledOf, placeOf } from '../languages/frames.ts';
import { rule } from '../rule.ts';
import { holdingBy } from '../scene/holding.ts';
import { fromOf } from '../scene/modules.ts';

/** A client, and with it a TLS context, made for every request: the CA certificates are read each time. */
export const clientPerRequest = rule({
  id: 'client-per-request',
  step: 'connected',
  means: 'a client, and with it a TLS context, is made for each request',
  toldFrom: 'CPU in the making of TLS contexts',
  fix: {
    any: 'Make one client and share it between the requests.',
    python:
      'Make one client (httpx.Client, requests.Session, ssl.SSLContext) and share it between the requests.',
    node: 'Make one agent or TLS context (tls.createSecureContext) and share it between the requests.',
  },
  sure: 'certain',
  references: [
    {
      language: 'python',
      url: 'https://github.com/encode/httpx/issues/2298',
      title: 'SSLContext get created unconditionally which can cause serious performance issues',
    },
  ],
  yieldsTo: [],
  find: (scene) => {
    const holding = holdingBy(scene, 'tls-context');
    if (holding === undefined) return undefined;
    const { frames, own, share, exchanges, places, seen } = holding;
    const made = own === undefined ? '' : `, made by the client at ${placeOf(own)}`;
    return {
      confidence: 'certain',
      share,
      text: `The CPU went into TLS contexts (${calledOf(frames[0]!)})${made}.`,
      because: [`Each reads the CA certificates again, and up to ${exchanges} requests waited for it.`],
      places,
      ...fromOf(scene, own === undefined ? frames[0] : frames[frames.indexOf(own) - 1]),
      evidence: [seen],
    };
  },
});
