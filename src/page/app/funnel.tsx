import './funnel.css';
import { computed } from '@preact/signals';
import { Fragment } from 'preact';
import { useCallback, useEffect, useRef } from 'preact/hooks';
import { paintAxis, paintCursor } from '../canvas/axis-painter.ts';
import {
  type CurvePicture,
  marksUpTo,
  PHASE,
  type PhaseMark,
  paintCurves,
  paintPhases,
} from '../canvas/curve-painter.ts';
import { gutterOf } from '../canvas/gutter.ts';
import { type Clock, momentText } from '../canvas/ticks.ts';
import { TimeScale } from '../canvas/time-scale.ts';
import {
  CURVE_STEPS,
  type CurveStep,
  type Curves,
  changeBeside,
  curvesOf,
  levelsAt,
  mostOf,
  withDeclared,
} from '../model/curves.ts';
import { clock, fold, type LaidOut, laidOut, replayed, whole } from './laid-out.ts';
import { lookNow } from './look.ts';
import { Phases, phaseMarks } from './phases.tsx';
import { cursorUs, runs, shownAbout, shownRun, visible } from './state.ts';
import { useSurface } from './surface.ts';
import { isDark } from './theme.ts';
import { listenToTime, type OnTime, onTime } from './time-input.ts';

/** Pixels of the time axis below the curves. */
const AXIS = 20;

/** How many were wanted, dispatched, connected and sent at each instant, as it was. */
const curves = computed<Curves | null>(() => laidOut.value && curvesOfRun(laidOut.value, shownRun.value));

/** The most that were wanted at once, or would have been. */
const most = computed(() =>
  Math.max(...[curves.value, shownCurves.value].map((of) => (of === null ? 0 : mostOf(of.wanted)))),
);

/** The same as it is shown: as it would have been, where that is asked for. */
const shownCurves = computed<Curves | null>(() =>
  replayed.value === null ? curves.value : curvesOf(replayed.value.segments),
);

/** The curves of a run; where nobody saw what was wanted, what was declared. */
export function curvesOfRun({ recording, segments }: LaidOut, run: number): Curves {
  const seen = curvesOf(segments);
  const isSeen = recording.exchange.some(({ wantedUs }) => wantedUs !== undefined);
  return isSeen ? seen : withDeclared(seen, runs[run]!.verdict.wanted ?? 0);
}

const WORDS: Readonly<Record<CurveStep, string>> = {
  wanted: 'wanted',
  dispatched: 'dispatched',
  connected: 'connected',
  sent: 'in flight',
};

interface Picture extends CurvePicture {
  readonly phases: readonly PhaseMark[];
  readonly clock: Clock;
  readonly cursorUs: number | null;
}

/** The funnel as curves over time: where they part, time is lost. */
export function Funnel() {
  const area = useRef<HTMLDivElement>(null);
  const read = useCallback((width: number): Picture | null => {
    isDark.value;
    if (shownCurves.value === null || curves.value === null) return null;
    return {
      curves: shownCurves.value,
      time: new TimeScale(visible.value, width - gutterOf(width), fold.value),
      most: most.value,
      ceiling: shownAbout.value.verdict.wanted,
      look: lookNow(),
      clock: clock.value,
      cursorUs: cursorUs.value,
      phases: replayed.value === null ? phaseMarks.value : [],
    };
  }, []);
  const canvas = useSurface({ read, paint, name: 'funnel' });
  useEffect(() => listenToTime(area.current!, () => onTime(area.current!), { press }), []);
  if (shownCurves.value === null) return null;
  return (
    <section class="funnel" aria-label="Requests over time">
      <div
        ref={area}
        id="funnel"
        class="curves"
        role="slider"
        tabIndex={0}
        aria-label="How many requests were wanted, dispatched, connected and in flight at an instant"
        aria-valuemin={0}
        aria-valuemax={Math.round(whole.value.toUs - whole.value.fromUs)}
        aria-valuenow={Math.round((cursorUs.value ?? whole.value.fromUs) - whole.value.fromUs)}
        aria-valuetext={spoken()}
      >
        <Readings />
        <canvas ref={canvas} />
      </div>
      <Phases />
    </section>
  );
}

/** Arrows go from one change to the next. */
function press(key: string, { time }: OnTime): boolean {
  const at = cursorUs.value ?? time.range.fromUs;
  const shown = shownCurves.value!;
  if (key === 'arrowright') cursorUs.value = changeBeside(shown, at, 1);
  else if (key === 'arrowleft') cursorUs.value = changeBeside(shown, at, -1);
  else if (key === 'home') cursorUs.value = whole.value.fromUs;
  else if (key === 'end') cursorUs.value = whole.value.toUs;
  else return false;
  const { fromUs, toUs } = visible.value;
  if (cursorUs.value < fromUs || cursorUs.value > toUs)
    visible.value = time.panned(time.x(cursorUs.value) - time.width / 2, whole.value);
  return true;
}

function paint(pen: CanvasRenderingContext2D, picture: Picture, width: number, height: number): boolean {
  const { time, look, most, cursorUs } = picture;
  const gutter = width - time.width;
  const high = height - AXIS - (phaseMarks.value.length > 0 ? PHASE : 0);
  pen.font = look.font;
  pen.save();
  pen.translate(gutter, 0);
  pen.beginPath();
  pen.rect(0, 0, time.width, height);
  pen.clip();
  pen.save();
  pen.translate(0, high);
  paintAxis(pen, time, picture.clock, AXIS, 0, look);
  pen.restore();
  paintPhases(pen, picture.phases, time, high + AXIS, look);
  paintCurves(pen, picture, high);
  if (cursorUs !== null) {
    pen.translate(0, high);
    paintCursor(pen, cursorUs, time, picture.clock, AXIS, 0, look);
    pen.fillStyle = look.accent;
    pen.fillRect(Math.round(time.x(cursorUs)), -high, 1, high);
  }
  pen.restore();
  pen.fillStyle = look.quiet;
  pen.textAlign = 'right';
  pen.textBaseline = 'middle';
  for (const level of marksUpTo(most))
    pen.fillText(
      String(level),
      gutter - 5,
      high - (level / Math.max(1, most)) * (high - 16) - (level === 0 ? 6 : 0),
    );
  return false;
}

/** The levels at the instant that is looked at; the means of the verdict where there is none. */
function Readings() {
  const legend = useRef<HTMLDListElement>(null);
  useEffect(() => {
    const list = legend.current!;
    const follow = new ResizeObserver(() => {
      const gutter = gutterOf(list.parentElement!.clientWidth);
      list.style.width = getComputedStyle(list).position === 'absolute' ? `${gutter - 30}px` : '';
    });
    follow.observe(list.parentElement!);
    return () => follow.disconnect();
  }, []);
  const levels = cursorUs.value === null ? null : levelsAt(shownCurves.value!, cursorUs.value);
  const { funnel } = shownAbout.value.verdict;
  const isMean = levels === null && replayed.value === null;
  return (
    <dl class="readings" ref={legend}>
      <dt class="at">{levels === null ? (isMean ? 'mean' : '') : `at ${moment(cursorUs.value!)}`}</dt>
      <dd class="at" />
      {CURVE_STEPS.filter((step) => funnel[step] !== null).map((step) => (
        <Fragment key={step}>
          <dt>
            <span class={`swatch ${step}`} />
            {WORDS[step]}
          </dt>
          <dd>{levels?.[step] ?? (isMean ? funnel[step] : '')}</dd>
        </Fragment>
      ))}
    </dl>
  );
}

function moment(us: number): string {
  const { fromUs, toUs } = visible.value;
  return momentText(us, clock.value, Math.max(1, (toUs - fromUs) / 1_000));
}

function spoken(): string {
  if (cursorUs.value === null) return 'no instant: use the arrow keys';
  const levels = levelsAt(shownCurves.value!, cursorUs.value);
  return `at ${moment(cursorUs.value)}: ${CURVE_STEPS.map((step) => `${levels[step]} ${WORDS[step]}`).join(', ')}`;
}

/** Whether the run is shown as it would have been. */
export function ShownAs() {
  if (laidOut.value === null || replayed.value === null) return null;
  return <p class="shown-as">As it would have been</p>;
}
