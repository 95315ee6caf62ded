import { duration, type PhaseJson } from '../diagnose/index.ts';

/** A phase of fewer requests is a fact of the JSON: a login, one page that lists the others. */
const LEAST = 5;
const MOST_SHOWN = 5;

/**
 * A line for each phase of a run that has several: '0.0-6.1 s: 20 one after another at x.py:3, could be 0.3 s'. Of
 * many, those with the most requests.
 */
export function phaseTexts(phases: readonly PhaseJson[]): readonly string[] {
  const all = phases.filter(({ exchanges }) => exchanges >= LEAST);
  if (all.length < 2) return [];
  const shown = new Set(all.toSorted((a, b) => b.exchanges - a.exchanges).slice(0, MOST_SHOWN));
  return all.filter((phase) => shown.has(phase)).map(phaseText);
}

/** A phase in a line. */
export function phaseText(phase: PhaseJson): string {
  const { fromMs, toMs, at, origin, requests } = phase;
  const where = at === null ? (origin === null ? '' : ` with ${origin}`) : ` at ${at.replace(/^.*\//, '')}`;
  const beside = phase.background ? ', in the background' : '';
  return `${(fromMs / 1e3).toFixed(1)}-${(toMs / 1e3).toFixed(1)} s: ${requests} ${mannerOf(phase)}${where}${beside}${savingOf(phase)}`;
}

function mannerOf({ overlap, inFlight }: PhaseJson): string {
  if (overlap === 'serial') return 'one after another';
  return inFlight.max === 1 ? 'one at a time' : `up to ${inFlight.max} at once`;
}

/** Below this part of its time, what could be saved is not worth a word. */
const WORTH_A_WORD = 0.2;

function savingOf({ wallMs, savesMs }: PhaseJson): string {
  return savesMs < WORTH_A_WORD * wallMs ? '' : `, could be ${duration((wallMs - savesMs) * 1e3)}`;
}
