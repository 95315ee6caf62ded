import { batch, computed } from '@preact/signals';
import type { PhaseJson } from '../../diagnose/browser.ts';
import type { PhaseMark } from '../canvas/curve-painter.ts';
import { momentText } from '../canvas/ticks.ts';
import { phaseText } from '../model/phase-text.ts';
import { clock, replayed, whole } from './laid-out.ts';
import { shownAbout, visible } from './state.ts';

/** The phases of the run on its time line, where there are several. */
export const phaseMarks = computed<readonly PhaseMark[]>(() => marksOf(shownAbout.value.verdict.phases));

function marksOf(phases: readonly PhaseJson[]): readonly PhaseMark[] {
  if (phases.length < 2) return [];
  return phases.map((phase) => ({
    fromUs: phase.fromMs * 1_000,
    toUs: phase.toMs * 1_000,
    text: phaseText(phase).saves ?? '',
  }));
}

/** The phases of the run, each with what it could have saved: a click shows its time. */
export function Phases() {
  const { phases } = shownAbout.value.verdict;
  if (phases.length < 2 || replayed.value !== null) return null;
  return (
    <ol class="phases" aria-label="Phases">
      {phases.map((phase, at) => (
        <li key={`${phase.fromMs} ${phase.at} ${phase.origin}`}>
          <Phase phase={phase} number={at + 1} />
        </li>
      ))}
    </ol>
  );
}

function Phase({ phase, number }: { readonly phase: PhaseJson; readonly number: number }) {
  const { what, saves } = phaseText(phase);
  const [fromUs, toUs] = [phase.fromMs * 1_000, phase.toMs * 1_000];
  const isShown =
    Math.abs(visible.value.fromUs - fromUs) < 1_000 && Math.abs(visible.value.toUs - toUs) < 1_000;
  return (
    <button
      type="button"
      aria-pressed={isShown}
      onClick={() =>
        batch(() => {
          visible.value = isShown ? whole.value : { fromUs, toUs };
        })
      }
    >
      <span class="when">
        {moment(fromUs)} – {moment(toUs)}
      </span>
      <span>
        {number}. {what}
      </span>
      {saves !== null && <span class="saves">{saves}</span>}
    </button>
  );
}

function moment(us: number): string {
  return momentText(us, clock.value, 10_000);
}
