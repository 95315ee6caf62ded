import { count, duration, type PhaseJson, shortPlace } from '../../diagnose/browser.ts';

/** What a phase was, and what it could have saved, for people. */
export interface PhaseText {
  /** '20 one after another at fetch.py:3' */
  readonly what: string;
  /** 'could save 5.8 s'; null where nothing could be saved. */
  readonly saves: string | null;
}

/** Less than this is saved by chance, in milliseconds. */
const LEAST_SAVED_MS = 10;

/** Says what a phase of a verdict was. */
export function phaseText({
  exchanges,
  overlap,
  step,
  inFlight,
  at,
  origin,
  background,
  savesMs,
}: PhaseJson): PhaseText {
  const isInTurn = overlap === 'serial' && step === 'wanted';
  const how = exchanges < 2 ? '' : isInTurn ? ' one after another' : ` up to ${count(inFlight.max)} at once`;
  const where = at === null ? (origin === null ? '' : ` with ${origin}`) : ` at ${shortPlace(at)}`;
  return {
    what: `${count(exchanges)}${how}${where}${background ? ', in the background' : ''}`,
    saves: savesMs < LEAST_SAVED_MS ? null : `could save ${duration(savesMs * 1_000)}`,
  };
}
