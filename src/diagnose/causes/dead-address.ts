import { msOf } from '../found.ts';
import { ownFrame, placesOf } from '../languages/frames.ts';
import { duration } from '../numbers.ts';
import { rule } from '../rule.ts';
import { hostOf } from '../scene/look-ups.ts';
import { deadAttempts, shareOf } from '../scene/slow-connects.ts';
import { LEAST_BLAMED } from '../thresholds.ts';

const MOST_SHOWN = 3;

/** A name with several addresses, of which the first does not answer, and a client that tries one after another. */
export const deadAddress = rule({
  id: 'dead-address',
  step: 'connected',
  means: 'an address of the name does not answer, and the client waits for it before it tries the next',
  toldFrom: 'attempts to connect that came to nothing, each followed by one to another address',
  fix: {
    any: 'Take the address that does not answer out of the name, or use a client that tries addresses side by side (Happy Eyeballs, RFC 8305).',
    python:
      'Take the address that does not answer out of the name, or use a client that tries addresses side by side: `httpx.AsyncClient` or aiohttp. requests and urllib3 try one after another; `timeout=(0.3, 30)` limits the wait for each to 0.3 s.',
    node: 'Take the address that does not answer out of the name, or limit the wait for each (Node 20 and newer): `net.setDefaultAutoSelectFamilyAttemptTimeout(250)`.',
    ruby: 'Take the address that does not answer out of the name, or use Ruby 3.4 or newer, which tries addresses side by side.',
  },
  sure: 'certain',
  references: [
    { language: 'python', url: 'https://github.com/urllib3/urllib3/issues/797', title: 'Happy Eyeballs' },
    { url: 'https://www.rfc-editor.org/rfc/rfc8305', title: 'RFC 8305: Happy Eyeballs Version 2' },
  ],
  yieldsTo: [],
  find: (scene) => {
    const dead = deadAttempts(scene).filter(({ next }) => scene.connections.has(next.id));
    const share = shareOf(scene, dead);
    if (dead.length === 0 || share < LEAST_BLAMED) return undefined;
    const [{ attempt, next }] = dead as [(typeof dead)[number]];
    const longest = dead.reduce((most, { fromUs, toUs }) => Math.max(most, toUs - fromUs), 0);
    const asking = scene.exchanges.find(({ exchange }) => exchange.connection === next.id);
    return {
      confidence: 'certain',
      share,
      text: `${hostOf(next.origin)} has an address that does not answer, ${addressOf(attempt.remote!)}: ${dead.length === 1 ? 'a connection' : `${dead.length} connections`} waited for it, ${duration(longest)} at most, before ${addressOf(next.remote!)} was tried.`,
      because: ['The client tries one address after another.'],
      places: placesOf(ownFrame(scene.framesOf(asking?.exchange.stack))),
      evidence: dead.slice(0, MOST_SHOWN).map(({ attempt: { id, remote }, fromUs, toUs }) => ({
        kind: 'connect',
        connection: id,
        remote: remote!,
        ms: msOf(toUs - fromUs),
        failed: true,
      })),
    };
  },
});

function addressOf(remote: string): string {
  return remote.replace(/:\d+$/, '');
}
