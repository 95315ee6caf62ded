import { useCallback, useEffect, useRef } from 'preact/hooks';
import { duration } from '../../diagnose/browser.ts';
import { gutterOf } from '../canvas/gutter.ts';
import { TimeScale } from '../canvas/time-scale.ts';
import { exchangeLabel, resultOf } from '../model/labels.ts';
import { SEGMENT_WORDS } from '../model/segments.ts';
import { bars, clock, fold, hovered, laidOut, path, pickedSegment, showsPath } from './laid-out.ts';
import { cursorUs, selected, visible } from './state.ts';
import { useSurface } from './surface.ts';
import { isDark } from './theme.ts';
import { listenTo } from './waterfall-input.ts';
import { paintWaterfall, type WaterfallPicture } from './waterfall-painter.ts';
import { AXIS, rowRoom, rowsIn } from './waterfall-scales.ts';

/** A row for each exchange or group of them, with a bar of what it waited for. */
export function Waterfall() {
  const read = useCallback((width: number, height: number): WaterfallPicture | null => {
    const [laid, drawn] = [laidOut.value, bars.value];
    isDark.value;
    if (laid === null || drawn === null || width < 1) return null;
    return {
      laid,
      bars: drawn,
      time: new TimeScale(visible.value, width - gutterOf(width), fold.value),
      rows: rowsIn(drawn, height),
      clock: clock.value,
      cursorUs: cursorUs.value,
      selected: selected.value,
      pickedUs: pickedSegment.value,
      path: showsPath.value ? path.value : [],
      hovered: hovered.value,
    };
  }, []);
  const canvas = useSurface({ read, paint: paintWaterfall, name: 'waterfall' });
  const area = useRef<HTMLDivElement>(null);
  useEffect(() => listenTo(area.current!), []);
  const count = bars.value?.rows.count ?? 0;
  useEffect(() => {
    area.current!.style.height = `${AXIS + Math.min(mostHeight(), Math.max(60, count * rowRoom(count)))}px`;
  }, [count]);
  return (
    <>
      <div
        ref={area}
        id="waterfall"
        class="waterfall"
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a waterfall is moved and read by keys
        tabIndex={0}
        role="application"
        aria-label="Waterfall of exchanges"
        aria-describedby="waterfall-keys"
      >
        <canvas ref={canvas} />
      </div>
      {count === 0 && <p class="nothing">No exchange passes the filters above.</p>}
      <p id="waterfall-keys" class="keys quiet">
        Click a segment to see what it waited for. Wheel scrolls, Ctrl+wheel zooms, Shift+wheel moves in time;{' '}
        <kbd>?</kbd> lists the keys.
      </p>
      <p class="hidden" role="status">
        {spoken()}
      </p>
    </>
  );
}

/** What is selected, as a sentence. */
function spoken(): string {
  const laid = laidOut.value;
  if (laid === null || selected.value === null) return '';
  const exchange = laid.recording.exchange[selected.value]!;
  const segment = pickedSegment.value;
  const what =
    segment === null ? '' : `, ${SEGMENT_WORDS[segment.kind]} for ${duration(segment.toUs - segment.fromUs)}`;
  return `${exchangeLabel(exchange, true)} ${resultOf(exchange)}${what}`;
}

function mostHeight(): number {
  return Math.max(220, Math.round(innerHeight * 0.62));
}
