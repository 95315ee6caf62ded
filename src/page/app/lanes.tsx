import { computed, effect, signal } from '@preact/signals';
import { useCallback, useEffect, useRef } from 'preact/hooks';
import { count, duration } from '../../diagnose/browser.ts';
import type { Block } from '../../trace/browser.ts';
import { paintAxis, paintCursor } from '../canvas/axis-painter.ts';
import { gutterOf } from '../canvas/gutter.ts';
import { shortened } from '../canvas/label-painter.ts';
import { LANE, LANE_GAP, paintLane } from '../canvas/lane-painter.ts';
import type { Look } from '../canvas/pen.ts';
import type { Clock } from '../canvas/ticks.ts';
import { TimeScale } from '../canvas/time-scale.ts';
import { BLOCK_CLASSES, BLOCK_WORDS, blocksAt, type Lane, lanesOf } from '../model/lanes.ts';
import { clock, fold, laidOut } from './laid-out.ts';
import { lookNow } from './look.ts';
import { cursorUs, visible } from './state.ts';
import { useSurface } from './surface.ts';
import { isDark } from './theme.ts';
import { listenToTime, type OnTime, onTime } from './time-input.ts';

const AXIS = 24;
const PITCH = LANE + LANE_GAP;

/** The lanes of the run; null until it is read. */
export const lanes = computed(() => laidOut.value && lanesOf(laidOut.value.recording.evidence));

/** The lane that is looked at, by its place. */
export const lookedAt = signal(0);

/** The block that is selected; null: none. */
export const selectedBlock = signal<Block | null>(null);

effect(() => {
  lanes.value;
  lookedAt.value = 0;
  selectedBlock.value = null;
});

interface Picture {
  readonly lanes: readonly Lane[];
  readonly time: TimeScale;
  readonly clock: Clock;
  readonly look: Look;
  readonly cursorUs: number | null;
  readonly looked: number;
  readonly selected: Block | null;
}

/** What each thread and each loop did, over time. */
export function Lanes() {
  const area = useRef<HTMLDivElement>(null);
  const read = useCallback((width: number): Picture | null => {
    isDark.value;
    if (lanes.value === null) return null;
    return {
      lanes: lanes.value.lanes,
      time: new TimeScale(visible.value, width - gutterOf(width), fold.value),
      clock: clock.value,
      look: lookNow(),
      cursorUs: cursorUs.value,
      looked: lookedAt.value,
      selected: selectedBlock.value,
    };
  }, []);
  const canvas = useSurface({ read, paint, name: 'lanes' });
  useEffect(() => listenToTime(area.current!, () => onTime(area.current!), { press, click }), []);
  const found = lanes.value!;
  useEffect(() => {
    area.current!.style.height = `${AXIS + found.lanes.length * PITCH}px`;
  }, [found]);
  return (
    <>
      <ul class="legend">
        {BLOCK_CLASSES.map((kind) => (
          <li key={kind}>
            <span class={`swatch class-${kind}`} />
            {BLOCK_WORDS[kind]}
          </li>
        ))}
      </ul>
      <div
        ref={area}
        id="lanes"
        class="lanes"
        // biome-ignore lint/a11y/noNoninteractiveTabindex: lanes are moved and read by keys
        tabIndex={0}
        role="application"
        aria-label="Lanes of threads and loops"
        aria-describedby="lanes-keys"
      >
        <canvas ref={canvas} />
      </div>
      <p id="lanes-keys" class="keys quiet">
        Click a block, or use the keys: ↑ ↓ lane, ← → block, + − zoom, A D earlier and later, 0 all.
      </p>
      {found.left > 0 && (
        <p class="quiet">{count(found.left)} more threads and units did less, and are not shown.</p>
      )}
      <p class="hidden" role="status">
        {selectedBlock.value === null ? '' : spoken(selectedBlock.value)}
      </p>
    </>
  );
}

function spoken({ wait, fromUs, toUs }: Block): string {
  return `${found()[lookedAt.value]?.title}: ${wait.call} for ${duration(toUs - fromUs)}`;
}

function found(): readonly Lane[] {
  return lanes.value?.lanes ?? [];
}

function click(x: number, y: number, { left, time }: OnTime): void {
  const at = Math.floor((y - AXIS) / PITCH);
  const lane = found()[at];
  if (lane === undefined) return;
  lookedAt.value = at;
  // A block may be narrower than a pixel: the nearest within a few counts.
  const us = time.us(x - left);
  const near = time.us(x - left + 3) - us;
  selectedBlock.value =
    tellingMost(blocksAt(lane, us)) ??
    lane.blocks.find(({ fromUs, toUs }) => fromUs <= us + near && toUs >= us - near) ??
    null;
}

/** Of several recorders that saw one wait, the one that saw where it was, else what it was for. */
function tellingMost(blocks: readonly Block[]): Block | undefined {
  const isTold = ({ stack, wait }: Block): number =>
    (stack === undefined ? 0 : 2) + (wait.connections === undefined ? 0 : 1);
  return blocks.toSorted((a, b) => isTold(b) - isTold(a))[0];
}

/** Arrows go from lane to lane, and from block to block. */
function press(key: string, { time }: OnTime): boolean {
  const step = { arrowdown: 1, arrowup: -1 }[key];
  const beside = { arrowright: 1, arrowleft: -1 }[key];
  if (key === 'escape') selectedBlock.value = null;
  else if (step !== undefined) {
    lookedAt.value = Math.max(0, Math.min(found().length - 1, lookedAt.value + step));
    const lane = found()[lookedAt.value];
    selectedBlock.value = (lane && tellingMost(blocksAt(lane, cursorUs.value ?? time.range.fromUs))) ?? null;
  } else if (beside !== undefined) {
    const blocks = found()[lookedAt.value]?.blocks ?? [];
    const at = selectedBlock.value === null ? -1 : blocks.indexOf(selectedBlock.value);
    const next = at === -1 ? blocks[0] : blocks[at + beside];
    if (next === undefined) return true;
    selectedBlock.value = next;
    cursorUs.value = (next.fromUs + next.toUs) / 2;
  } else return false;
  return true;
}

function paint(pen: CanvasRenderingContext2D, picture: Picture, width: number, height: number): boolean {
  const { time, look, looked, cursorUs } = picture;
  const gutter = width - time.width;
  pen.font = look.font;
  pen.textBaseline = 'middle';
  pen.textAlign = 'left';
  picture.lanes.forEach(({ title }, at) => {
    const middle = AXIS + at * PITCH + LANE / 2;
    pen.fillStyle = at === looked ? look.ink : look.quiet;
    pen.fillText(shortened(pen, title, gutter - 8), 2, middle);
  });
  pen.save();
  pen.translate(gutter, 0);
  pen.beginPath();
  pen.rect(0, 0, time.width, height);
  pen.clip();
  paintAxis(pen, time, picture.clock, AXIS, height - AXIS, look);
  picture.lanes.forEach((lane, at) => {
    const top = AXIS + at * PITCH;
    pen.fillStyle = look.line;
    pen.fillRect(0, top + LANE, time.width, 1);
    paintLane(pen, lane, time, top, look);
    if (picture.selected !== null && at === looked) paintSelected(pen, picture.selected, time, top, look);
  });
  if (cursorUs !== null) paintCursor(pen, cursorUs, time, picture.clock, AXIS, height - AXIS, look);
  pen.restore();
  return false;
}

function paintSelected(
  pen: CanvasRenderingContext2D,
  { fromUs, toUs }: Block,
  time: TimeScale,
  top: number,
  look: Look,
): void {
  const [from, to] = [time.x(fromUs), time.x(toUs)];
  pen.strokeStyle = look.ink;
  pen.lineWidth = 2;
  pen.strokeRect(from, top - 1, Math.max(2, to - from), LANE + 2);
}
