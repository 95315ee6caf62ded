import './two-runs.css';
import { computed, signal } from '@preact/signals';
import { count, duration } from '../../diagnose/browser.ts';
import { mostOf } from '../model/curves.ts';
import {
  type Difference,
  differs,
  environmentDifference,
  moved,
  pairsOf,
  type UrlTimes,
  urlTimes,
  verdictRows,
} from '../model/two-runs.ts';
import { curvesOfRun } from './funnel.tsx';
import { laidOuts } from './laid-out.ts';
import { MOST_PAIRS, type RunOnScale, RunPicture, windowOf } from './run-picture.tsx';
import { RUN_LETTERS, runs } from './state.ts';

const isOverlaid = signal(false);

/** Both runs, from the first wanted of each; null until both are read. */
const both = computed(() => {
  const [a, b] = laidOuts.value;
  if (a === undefined || b === undefined) return null;
  const shown: readonly RunOnScale[] = [a, moved(b, a.times.fromUs - b.times.fromUs)].map((laid, run) => ({
    laid,
    curves: curvesOfRun(laid, run),
    ceiling: runs[run]!.verdict.wanted,
  }));
  return {
    shown,
    each: shown.map((one) => [one]),
    pairs: pairsOf(
      { exchange: a.recording.exchange, times: a.times },
      { exchange: b.recording.exchange, times: b.times },
    ),
    most: Math.max(...shown.map(({ curves }) => mostOf(curves.wanted))),
    window: windowOf(laidOuts),
  };
});

/** Two runs on one time scale, and what differs between them. */
export function TwoRuns() {
  if (both.value === null) return null;
  return (
    <div class="two-runs">
      <Pictures />
      <div class="differences">
        <VerdictTable />
        <div>
          <EnvironmentTables />
        </div>
        <Urls />
      </div>
    </div>
  );
}

function Pictures() {
  const { shown, each, pairs, most, window } = both.value!;
  return (
    <>
      <fieldset class="how">
        <legend class="hidden">How the runs are shown</legend>
        {[false, true].map((overlaid) => (
          <label key={String(overlaid)} class="toggle">
            <input
              type="radio"
              name="how"
              checked={isOverlaid.value === overlaid}
              onChange={() => {
                isOverlaid.value = overlaid;
              }}
            />
            {overlaid ? 'overlaid' : 'one above the other'}
          </label>
        ))}
      </fieldset>
      {isOverlaid.value ? (
        <>
          <p class="quiet legend-of-two">
            In flight and wanted: <span class="run-a">A, {runs[0]!.name}</span>,{' '}
            <span class="run-b">B, {runs[1]!.name}</span>. Each URL has a row: A above, B below.
            {pairs.length > MOST_PAIRS && ` The first ${MOST_PAIRS} of ${count(pairs.length)} are shown.`}
          </p>
          <RunPicture shown={shown} pairs={pairs} most={most} window={window} label="Both runs, overlaid" />
        </>
      ) : (
        each.map((one, run) => (
          <section key={runs[run]!.name} aria-label={`Run ${RUN_LETTERS[run]}`}>
            <h2>
              {RUN_LETTERS[run]} <span class="quiet">{runs[run]!.name}</span>{' '}
              {duration(one[0]!.laid.times.toUs - one[0]!.laid.times.fromUs)}
            </h2>
            <RunPicture
              shown={one}
              pairs={[]}
              most={most}
              window={window}
              label={`Requests of run ${RUN_LETTERS[run]} over time`}
            />
          </section>
        ))
      )}
    </>
  );
}

function VerdictTable() {
  const rows = verdictRows(runs[0]!.verdict, runs[1]!.verdict);
  return <DifferenceTable id="verdict-difference" title="Verdict" rows={rows} />;
}

function EnvironmentTables() {
  const [a, b] = laidOuts.value;
  const { modules, limits, patches, same } = environmentDifference(
    a!.recording.environment,
    b!.recording.environment,
  );
  const none = modules.length + limits.length + patches.length === 0;
  return (
    <>
      {none && (
        <p class="quiet">
          {same === 0
            ? 'No recorder looked into the programs: it is not known whether their modules or limits differ.'
            : `Modules, limits and what was replaced are the same in both runs: ${count(same)} of them.`}
        </p>
      )}
      <DifferenceTable id="module-difference" title="Modules that differ" rows={modules} />
      <DifferenceTable id="limit-difference" title="Limits that differ" rows={limits} />
      <DifferenceTable id="patch-difference" title="What was replaced, where it differs" rows={patches} />
      {!none && <p class="quiet">{count(same)} more modules, limits and patches are the same in both.</p>}
    </>
  );
}

interface TableProps {
  readonly id: string;
  readonly title: string;
  readonly rows: readonly Difference[];
}

function DifferenceTable({ id, title, rows }: TableProps) {
  if (rows.length === 0) return null;
  return (
    <div class="listing">
      <table id={id}>
        <caption>{title}</caption>
        <thead>
          <tr>
            <th scope="col">
              <span class="hidden">what</span>
            </th>
            <th scope="col">A</th>
            <th scope="col">B</th>
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={row.what} class={differs(row) ? 'differs' : 'quiet'}>
              <th scope="row">{row.what}</th>
              <td>{row.a ?? '–'}</td>
              <td>{row.b ?? '–'}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

const MOST_URLS = 100;

/** Each URL's time in both runs. */
function Urls() {
  const [a, b] = laidOuts.value;
  const rows = urlTimes(
    { exchange: a!.recording.exchange, times: a!.times },
    { exchange: b!.recording.exchange, times: b!.times },
  );
  return (
    <div class="listing">
      <table id="url-times">
        <caption>
          From wanted to read,{' '}
          {rows.length > MOST_URLS
            ? `the ${MOST_URLS} URLs of ${count(rows.length)} that changed most`
            : 'by URL'}
          ; medians
        </caption>
        <thead>
          <tr>
            <th scope="col">URL</th>
            <th scope="col" class="number">
              A
            </th>
            <th scope="col" class="number">
              B
            </th>
            <th scope="col" class="number">
              B, compared with A
            </th>
          </tr>
        </thead>
        <tbody>
          {rows.slice(0, MOST_URLS).map((row) => (
            <UrlRow key={row.url} row={row} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

function UrlRow({ row: { url, a, b } }: { readonly row: UrlTimes }) {
  const took = (one: UrlTimes['a']): string =>
    one === null ? '–' : `${duration(one.medianUs)}${one.count > 1 ? ` (${one.count})` : ''}`;
  return (
    <tr>
      <th scope="row" class="url">
        {url}
      </th>
      <td class="number">{took(a)}</td>
      <td class="number">{took(b)}</td>
      <td class="number">{a === null || b === null ? '' : change(a.medianUs, b.medianUs)}</td>
    </tr>
  );
}

/** '10.0x faster', '1.5x slower', 'the same' */
function change(fromUs: number, toUs: number): string {
  const factor = fromUs / Math.max(1, toUs);
  if (factor >= 1.05) return `${factor.toFixed(1)}x faster`;
  return factor <= 0.95 ? `${(1 / factor).toFixed(1)}x slower` : 'the same';
}
