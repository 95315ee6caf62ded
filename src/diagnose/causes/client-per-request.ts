import { calledOf, placeOf } from '../languages/frames.ts';
import type { Cause } from '../scene/cause.ts';
import { countOf, holdingBy } from '../scene/holding.ts';
import type { Scene } from '../scene/scene.ts';

/** A client, and with it a TLS context, made for every request: the bundle of CA certificates is read each time. */
export function tlsContext(scene: Scene): Cause | undefined {
  const holding = holdingBy(scene, 'tls-context');
  if (holding === undefined) return undefined;
  const { frames, own, share, exchanges, blocks, evidence } = holding;
  return {
    id: 'client-per-request',
    confidence: 'certain',
    text: `The CPU went into TLS contexts (${calledOf(frames[0]!)}, ${placeOf(frames[0]!)})${own === undefined ? '' : `, made by the client at ${placeOf(own)}`}: each reads the CA certificates again, and up to ${exchanges} requests waited for it.`,
    share,
    evidence: [`${countOf(blocks)} blocks in the making of TLS contexts`, ...evidence],
    remedy: 'Make one client (session, context) and share it between the requests.',
    reference: 'encode/httpx#838',
  };
}
