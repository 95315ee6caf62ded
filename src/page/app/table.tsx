import './table.css';
import { computed, signal } from '@preact/signals';
import { columnsOf, meanOf, sortedBy, type TableColumn } from '../model/table.ts';
import { laidOut, order, pick } from './laid-out.ts';
import { open, selected } from './state.ts';
import { Filters } from './timeline-toolbar.tsx';

/** Rows of a page: as many as a screen reader and a browser take at once without trouble. */
const ROWS = 100;

const sort = signal<{ readonly id: string; readonly isReversed: boolean } | null>(null);
const first = signal(0);

const columns = computed(() => {
  const laid = laidOut.value;
  return laid === null ? [] : columnsOf(laid.recording, laid.times, laid.segments);
});

/** The exchanges that the time line shows, in the order of the column that was chosen, else in that of the time line. */
const sorted = computed(() => {
  const column = columns.value.find(({ id }) => id === sort.value?.id);
  return column === undefined ? order.value : sortedBy(column, order.value, sort.value!.isReversed);
});

const means = computed(() => columns.value.map((column) => meanOf(column, order.value)));

/** All that the time line shows, as a table. */
export function Table() {
  if (laidOut.value === null) return null;
  const { length } = sorted.value;
  const from = Math.min(first.value, Math.max(0, Math.ceil(length / ROWS) - 1) * ROWS);
  const shown = sorted.value.subarray(from, from + ROWS);
  return (
    <>
      <div class="toolbar">
        <Filters />
        <span class="quiet">times in ms</span>
        <Pages from={from} length={length} />
      </div>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reached by keys */}
      <section class="scrolled" tabIndex={0} aria-label="Exchanges, a row each; times in milliseconds">
        <table class="exchanges">
          <thead>
            <tr>
              {columns.value.map((column) => (
                <Head key={column.id} column={column} />
              ))}
            </tr>
          </thead>
          <tbody>
            {[...shown].map((at) => (
              <Row key={at} at={at} />
            ))}
          </tbody>
          <tfoot>
            <tr>
              {columns.value.map(({ id }, at) => (
                <td key={id} class="number">
                  {at === 0 ? 'mean' : inMs(means.value[at] ?? null)}
                </td>
              ))}
            </tr>
          </tfoot>
        </table>
      </section>
    </>
  );
}

function Pages({ from, length }: { readonly from: number; readonly length: number }) {
  const go = (to: number) => () => {
    first.value = to;
  };
  if (length <= ROWS) return null;
  return (
    <nav class="pages" aria-label="Pages of the table">
      <button type="button" disabled={from === 0} onClick={go(from - ROWS)}>
        Previous
      </button>
      <span role="status">
        {from + 1} to {Math.min(from + ROWS, length)}
      </span>
      <button type="button" disabled={from + ROWS >= length} onClick={go(from + ROWS)}>
        Next
      </button>
    </nav>
  );
}

function Head({ column: { id, title, meaning, isTime } }: { readonly column: TableColumn }) {
  const isSorted = sort.value?.id === id;
  const isDescending = isSorted && sort.value!.isReversed !== isTime;
  const choose = () => {
    sort.value = { id, isReversed: isSorted && !sort.value!.isReversed };
    first.value = 0;
  };
  return (
    <th
      scope="col"
      class={isTime ? 'number' : undefined}
      title={meaning}
      aria-sort={isSorted ? (isDescending ? 'descending' : 'ascending') : undefined}
    >
      <button type="button" onClick={choose}>
        {title}
        {isSorted && <span aria-hidden="true">{isDescending ? ' ↓' : ' ↑'}</span>}
      </button>
    </th>
  );
}

function Row({ at }: { readonly at: number }) {
  const show = () => {
    pick(at);
    open.value = 'timeline';
  };
  return (
    <tr aria-selected={at === selected.value}>
      {columns.value.map(({ id, isTime, cellOf }) => {
        const cell = cellOf(at);
        if (isTime)
          return (
            <td key={id} class={`number ${id}`}>
              {inMs(cell as number, id === 'start')}
            </td>
          );
        if (id !== 'url') return <td key={id}>{cell}</td>;
        return (
          <th key={id} scope="row">
            <button type="button" title="Show it on the time line" onClick={show}>
              {cell}
            </button>
          </th>
        );
      })}
    </tr>
  );
}

/** Nothing for no time: what took time stands out. A moment is one also where it is 0. */
function inMs(ms: number | null, isMoment = false): string {
  return ms === null || (ms === 0 && !isMoment) ? '' : ms.toFixed(1).replace(/\B(?=(\d{3})+\.)/g, ',');
}
