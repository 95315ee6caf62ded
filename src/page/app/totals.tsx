import { useEffect, useRef } from 'preact/hooks';
import { duration } from '../../diagnose/browser.ts';
import { SEGMENT_WORDS } from '../model/segments.ts';
import { type Total, totalsOf } from '../model/totals.ts';
import { course, filter, order } from './laid-out.ts';

/** What all exchanges that are shown waited for, while none of them is selected. */
export function Totals() {
  if (course.value === null) return null;
  const totals = totalsOf(order.value, course.value.segments);
  return (
    <aside class="details totals" aria-label="What the exchanges waited for">
      <h2>What they waited for, all together</h2>
      <ol class="steps">
        {totals.map((total) => (
          <TotalOf key={total.kind} total={total} />
        ))}
      </ol>
      <p class="quiet">
        Each is a filter: exchanges that waited longest for it. Select an exchange to see why.
      </p>
    </aside>
  );
}

function TotalOf({ total: { kind, us, part } }: { readonly total: Total }) {
  const bar = useRef<HTMLSpanElement>(null);
  useEffect(() => {
    bar.current!.style.width = `${100 * part}%`;
  }, [part]);
  const isFilter = filter.value.longest === kind;
  return (
    <li>
      <button
        type="button"
        aria-pressed={isFilter}
        onClick={() => {
          filter.value = { ...filter.value, longest: isFilter ? null : kind };
        }}
      >
        <span class={`swatch ${kind}`} />
        <span>
          {SEGMENT_WORDS[kind]}
          <span ref={bar} class={`share ${kind}`} />
        </span>
        <span class="number">{duration(us)}</span>
        <span class="number">{part < 0.01 ? '<1' : Math.round(100 * part)}%</span>
      </button>
    </li>
  );
}
