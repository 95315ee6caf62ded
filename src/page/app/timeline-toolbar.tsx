import { count } from '../../diagnose/browser.ts';
import { OUTCOMES, type Outcome, SORT_KEYS, type SortKey } from '../model/order.ts';
import { ROW_MODES, type RowMode } from '../model/rows.ts';
import { SEGMENT_KINDS, SEGMENT_WORDS, type SegmentKind } from '../model/segments.ts';
import {
  filter,
  foldsGaps,
  isWhole,
  laidOut,
  order,
  rowMode,
  showsPath,
  sortKey,
  tellsTimeOfDay,
  top,
} from './laid-out.ts';
import { showAll } from './moves.ts';
import { shownAbout } from './state.ts';

/** What a person may choose: which exchanges are shown, in which rows and order, and on which time. */
export function TimelineToolbar() {
  return (
    <>
      <Legend />
      <div class="toolbar">
        <Filters />
        <Choice
          label="Row"
          value={rowMode.value}
          options={ROW_MODES.map((mode) => [mode, mode === 'exchange' ? 'each exchange' : `by ${mode}`])}
          choose={(value) => {
            rowMode.value = value as RowMode;
            top.value = 0;
          }}
        />
        <Choice
          label="Sort"
          value={sortKey.value}
          options={SORT_KEYS.map((key) => [key, SORT_WORDS[key]])}
          choose={(value) => {
            sortKey.value = value as SortKey;
          }}
        />
        <span class="toggles">
          <Toggle text="Critical path" isOn={showsPath.value} set={(on) => (showsPath.value = on)} />
          {laidOut.value!.gaps.length > 0 && (
            <Toggle text="Fold gaps" isOn={foldsGaps.value} set={(on) => (foldsGaps.value = on)} />
          )}
          <Toggle
            text="Time of day (UTC)"
            isOn={tellsTimeOfDay.value}
            set={(on) => (tellsTimeOfDay.value = on)}
          />
          <button type="button" onClick={showAll} disabled={isWhole.value}>
            Show all
          </button>
        </span>
      </div>
    </>
  );
}

const SORT_WORDS: Readonly<Record<SortKey, string>> = {
  start: 'by start',
  wait: 'longest wait first',
  duration: 'longest first',
  origin: 'by origin',
};

/** What the segments of this run are. */
function Legend() {
  const kinds = new Set(laidOut.value!.segments.kinds);
  return (
    <ul class="legend">
      {SEGMENT_KINDS.filter((_, index) => kinds.has(index)).map((kind) => (
        <li key={kind}>
          <span class={`swatch ${kind}`} />
          {SEGMENT_WORDS[kind]}
        </li>
      ))}
    </ul>
  );
}

/** What chooses the exchanges that are shown, on the time line and in the table. */
export function Filters() {
  const { text, outcome, origin, longest, phase } = filter.value;
  const { origins, recording } = laidOut.value!;
  const all = recording.exchange.length;
  const phases = shownAbout.value.verdict.phases;
  const change = (part: Partial<typeof filter.value>) => {
    filter.value = { ...filter.value, ...part };
    top.value = 0;
  };
  const shown = order.value.length;
  return (
    <>
      <label class="search">
        <span class="hidden">Show only exchanges whose URL, status or error has this text</span>
        <input
          id="filter-text"
          type="search"
          placeholder="URL, status or error"
          value={text}
          onInput={({ currentTarget }) => change({ text: currentTarget.value })}
        />
      </label>
      <Choice
        label="Waited for"
        value={longest ?? ''}
        options={[['', 'any step'], ...SEGMENT_KINDS.map((kind) => [kind, SEGMENT_WORDS[kind]] as const)]}
        choose={(value) => change({ longest: value === '' ? null : (value as SegmentKind) })}
      />
      <Choice
        label="Status"
        value={outcome ?? ''}
        options={[['', 'any status'], ...OUTCOMES.map((one) => [one, one] as const)]}
        choose={(value) => change({ outcome: value === '' ? null : (value as Outcome) })}
      />
      {origins.length > 1 && (
        <Choice
          label="Origin"
          value={origin ?? ''}
          options={[
            ['', `all ${origins.length} origins`],
            ...origins.slice(0, 200).map((one) => [one, one] as const),
          ]}
          choose={(value) => change({ origin: value === '' ? null : value })}
        />
      )}
      {phases.length > 1 && (
        <Choice
          label="Phase"
          value={phase === null ? '' : String(phases.indexOf(phase))}
          options={[
            ['', 'all phases'],
            ...phases.map(
              ({ fromMs, toMs, exchanges }, at) =>
                [
                  String(at),
                  `${(fromMs / 1e3).toFixed(1)}–${(toMs / 1e3).toFixed(1)} s: ${exchanges}`,
                ] as const,
            ),
          ]}
          choose={(value) => change({ phase: value === '' ? null : phases[Number(value)]! })}
        />
      )}
      <span class="count quiet" role="status">
        {shown === all ? count(shown) : `${count(shown)} of ${count(all)}`} exchanges
      </span>
    </>
  );
}

interface ChoiceProps {
  readonly label: string;
  readonly value: string;
  readonly options: readonly (readonly [value: string, text: string])[];
  readonly choose: (value: string) => void;
}

function Choice({ label, value, options, choose }: ChoiceProps) {
  return (
    <label class="choice">
      <span class="hidden">{label}</span>
      <select aria-label={label} value={value} onChange={({ currentTarget }) => choose(currentTarget.value)}>
        {options.map(([option, text]) => (
          <option key={option} value={option}>
            {text}
          </option>
        ))}
      </select>
    </label>
  );
}

interface ToggleProps {
  readonly text: string;
  readonly isOn: boolean;
  readonly set: (isOn: boolean) => void;
}

function Toggle({ text, isOn, set }: ToggleProps) {
  return (
    <label class="toggle">
      <input type="checkbox" checked={isOn} onChange={({ currentTarget }) => set(currentTarget.checked)} />
      {text}
    </label>
  );
}
