import './app.css';
import { Help } from './help.tsx';
import { helps } from './keys.ts';
import { showRun } from './laid-out.ts';
import { open, RUN_LETTERS, reading, readingFailure, recordings, runs, shownRun } from './state.ts';
import { Tabs } from './tabs.tsx';
import { isDark, switchTheme } from './theme.ts';
import { VerdictHeader } from './verdict.tsx';
import { VIEWS } from './views.ts';

/** The whole page: the verdict, then one of the views. */
export function App() {
  const shown = VIEWS.find(({ id }) => id === open.value) ?? VIEWS[0]!;
  return (
    <main aria-busy={reading.value !== null}>
      <TopBar />
      <VerdictHeader />
      <Tabs />
      <section id="view" role="tabpanel" aria-labelledby={`tab-${shown.id}`}>
        <Progress />
        {readingFailure.value !== null && (
          <p class="failure">The trace in this page can't be read: {readingFailure}</p>
        )}
        <Damage />
        {shown.isOfOneRun && runs.length > 1 && <RunChoice />}
        <shown.View />
      </section>
      <Help />
    </main>
  );
}

function TopBar() {
  return (
    <header class="top">
      <span class="brand">abreast</span>
      <span>
        <button type="button" onClick={switchTheme}>
          {isDark.value ? 'Light' : 'Dark'}
        </button>
        <button
          type="button"
          aria-haspopup="dialog"
          onClick={() => {
            helps.value = true;
          }}
        >
          Keys
        </button>
      </span>
    </header>
  );
}

/** Which of two runs a view shows. */
function RunChoice() {
  return (
    <fieldset class="run-choice">
      <legend class="hidden">The run that is shown</legend>
      {runs.map(({ name }, at) => (
        <label key={RUN_LETTERS[at]}>
          <input type="radio" name="run" checked={shownRun.value === at} onChange={() => showRun(at)} />
          <b>{RUN_LETTERS[at]}</b> {name}
        </label>
      ))}
    </fieldset>
  );
}

/** A file that was cut or changed after it was written shows what is left of it. */
function Damage() {
  const problem = recordings.value
    .flatMap(({ problems }) => problems)
    .find(({ text }) => /^the rest/.test(text));
  if (problem === undefined) return null;
  return (
    <p class="failure">
      This page was cut short or changed after it was written, and shows a part of its trace: {problem.text}.
      Write it again from the trace.
    </p>
  );
}

function Progress() {
  if (reading.value === null) return null;
  return (
    <p class="progress" role="status">
      Reading the trace:{' '}
      <progress max="1" value={reading.value} aria-label="Part of the trace that is read" />
    </p>
  );
}
