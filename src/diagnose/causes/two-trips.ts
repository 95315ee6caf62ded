import { twoTripsText } from '../delays/texts.ts';
import { type TripKind, twoTripsOf } from '../delays/trips.ts';
import { ownFrame, placesOf } from '../languages/frames.ts';
import { rule } from '../rule.ts';

const FIX: Readonly<Record<TripKind, string>> = {
  challenge:
    'Send the credentials with the first attempt, or share one session (in requests, one `HTTPDigestAuth`): it remembers the challenge.',
  redirect: 'Use the URL that the server redirects to.',
  report:
    'Hand such records to a thread of their own, which sends many at once (QueueHandler, BatchSpanProcessor).',
  token: 'Keep the token until it expires, and let one request fetch it for all.',
};

/** Each request takes two exchanges, one after the other. */
export const twoTrips = rule({
  id: 'two-trips',
  step: 'answered',
  means:
    'each request takes two exchanges: it is refused, redirected, fetches a token, or is reported to a log',
  toldFrom: 'pairs of exchanges in one unit of work, by status and URL',
  fix: {
    any: 'Send the credentials at once, keep one session and its token, and use the URL that the server redirects to.',
  },
  sure: 'certain with the statuses, likely for tokens and logs, which are recognized by their URL',
  references: [
    {
      url: 'https://www.rfc-editor.org/rfc/rfc7616#section-3.6',
      title: 'RFC 7616, HTTP Digest: credentials may be sent at once (preemptively)',
    },
  ],
  yieldsTo: [],
  find: (scene) => {
    if (scene.judgement.because !== 'two trips') return undefined;
    const trips = twoTripsOf(scene.evidence);
    if (trips === undefined) return undefined;
    const { kind, firstUs, bothUs, first } = trips;
    return {
      confidence: kind === 'token' || kind === 'report' ? 'likely' : 'certain',
      share: firstUs / bothUs,
      text: twoTripsText(trips),
      places: placesOf(ownFrame(scene.framesOf(first.stack))),
      evidence: [],
      fix: FIX[kind],
      ...(kind !== 'challenge' && { reference: null }),
    };
  },
});
