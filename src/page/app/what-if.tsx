import './what-if.css';
import { batch, computed, effect, signal } from '@preact/signals';
import { duration, type Lifted, type Question } from '../../diagnose/browser.ts';
import { type Limit, limitsOf } from '../model/limits.ts';
import { type Asked, askedOf, stopsUpTo, verdictsQuestion, whatIf, withLimit } from '../model/what-if.ts';
import { laidOut, replayed } from './laid-out.ts';
import { shownAbout } from './state.ts';

const verdict = computed(() => shownAbout.value.verdict);

/** What is asked: at first what the verdict asked. */
const question = signal<Question>(verdictsQuestion(verdict.value));

/** Whether the page shows the run as it would have been. */
const isShown = signal(false);

/** The exchanges that the verdict is of, ready to be asked about; null until they are read. */
const asked = computed<Asked | null>(() => {
  const laid = laidOut.value;
  if (laid === null || laid.recording.exchange.length === 0) return null;
  return askedOf(laid.recording, laid.times, laid.segments, verdict.value.replay?.of ?? null);
});

/** Whether it is unfolded: until then nothing is replayed. */
const isUnfolded = signal(false);

const limits = computed<readonly Limit[]>(() =>
  asked.value === null ? [] : limitsOf(asked.value, verdict.value),
);
const answer = computed(() => (asked.value === null ? null : whatIf(asked.value, question.value)));
const stops = computed(() => stopsUpTo(Math.max(1, asked.value?.members.length ?? 1)));

// What was asked of one run is not asked of the other.
effect(() => {
  question.value = verdictsQuestion(verdict.value);
  isShown.value = false;
});

effect(() => {
  replayed.value = isShown.value ? answer.value : null;
});

/** What the run would have taken with other limits, and the run as it would have been. */
export function WhatIf() {
  if (verdict.value.exchanges < 2) return null;
  return (
    <details
      class="what-if"
      id="what-if"
      onToggle={({ currentTarget }) => {
        isUnfolded.value = currentTarget.open;
      }}
    >
      <summary>
        <Outcome />
      </summary>
      {isUnfolded.value && asked.value !== null && <Questions of={asked.value} />}
    </details>
  );
}

function Questions({ of }: { readonly of: Asked }) {
  return (
    <div class="questions">
      <fieldset>
        <legend class="hidden">Limits that were found</legend>
        {limits.value.length > 0 && <span class="quiet">Limits in force:</span>}
        {limits.value.map((limit) => (
          <Switch key={limit.step} of={of} limit={limit} />
        ))}
        {limits.value.length === 0 && (
          <p class="quiet">No request waited for a limit that could be lifted.</p>
        )}
      </fieldset>
      <Concurrency />
      <div class="acts">
        <label class="toggle">
          <input
            type="checkbox"
            checked={isShown.value}
            onChange={({ currentTarget }) => {
              isShown.value = currentTarget.checked;
            }}
          />
          Show the run as it would have been
        </label>
        <button type="button" onClick={() => ask(verdictsQuestion(verdict.value))} disabled={isVerdicts()}>
          As in the verdict
        </button>
      </div>
      <Caveat of={of} />
    </div>
  );
}

function ask(next: Question): void {
  question.value = next;
}

function isVerdicts(): boolean {
  const [{ lifted, atOnce }, verdicts] = [question.value, verdictsQuestion(verdict.value)];
  return (
    atOnce === verdicts.atOnce &&
    lifted.length === verdicts.lifted.length &&
    lifted.every((step) => verdicts.lifted.includes(step))
  );
}

/** What it took, and would have taken; while nothing else was asked, the figures of the verdict. */
function Outcome() {
  const { wallMs, possibleWallMs, replay } = verdict.value;
  const isAsked = isUnfolded.value || isShown.value || !isVerdicts();
  if (!isAsked && (replay === null || possibleWallMs === null))
    return <strong class="outcome">What if …</strong>;
  const tookUs = (isAsked ? asked.value?.wallUs : undefined) ?? wallMs * 1_000;
  const wallUs = (isAsked ? answer.value?.wallUs : undefined) ?? (possibleWallMs ?? wallMs) * 1_000;
  const factor = tookUs / Math.max(1, wallUs);
  return (
    <span class="outcome" role="status">
      <strong>What if</strong>{' '}
      <span class="quiet">
        {duration(tookUs)} <span aria-hidden="true">→</span>
        <span class="hidden">would have been</span>
      </span>{' '}
      <strong id="what-if-wall" class="wall">
        {duration(wallUs)}
      </strong>{' '}
      <span class="quiet">
        {factor >= 1.005
          ? `(${factor.toFixed(1)}x faster)`
          : factor <= 0.995
            ? `(${(1 / factor).toFixed(1)}x slower)`
            : '(the same)'}
      </span>
    </span>
  );
}

/** A limit, in force or not. */
function Switch({ of, limit }: { readonly of: Asked; readonly limit: Limit }) {
  const isInForce = !question.value.lifted.includes(limit.step);
  return (
    <label class="toggle">
      <input
        type="checkbox"
        data-step={limit.step}
        checked={isInForce}
        onChange={({ currentTarget }) =>
          ask(withLimit(of, question.value, limit.step, !currentTarget.checked))
        }
      />
      <span class={`swatch ${SWATCH[limit.step]}`} />
      <span>
        {limit.text}
        {limit.causes.length > 0 && <span class="quiet"> ({limit.causes.join(', ')})</span>}
      </span>
    </label>
  );
}

/** The segment that the wait is drawn as. */
const SWATCH: Readonly<Record<Lifted, string>> = {
  wanted: 'none',
  dispatched: 'queued',
  connected: 'connect',
  sent: 'blocked',
  answered: 'answer',
};

/** How many may be under way at once: the last stop is no limit. */
function Concurrency() {
  const all = stops.value;
  const { atOnce } = question.value;
  const found = atOnce === null ? -1 : all.findIndex((stop) => stop >= atOnce);
  const at = found < 0 ? all.length : found;
  const text = atOnce === null ? 'no limit' : `${atOnce}`;
  return (
    <label class="concurrency">
      <span>at most at once</span>
      <input
        type="range"
        min={0}
        max={all.length}
        step={1}
        value={at}
        aria-valuetext={text}
        onInput={({ currentTarget }) =>
          batch(() => ask({ ...question.value, atOnce: all[Number(currentTarget.value)] ?? null }))
        }
      />
      <output>{text}</output>
    </label>
  );
}

/** What the figure is, and what it is not. */
function Caveat({ of }: { readonly of: Asked }) {
  const { replay, possibleWallMs } = verdict.value;
  const isPart = of.members.length < of.exchange.length;
  return (
    <p class="caveat quiet">
      A replay: each request keeps the time it took by itself, and waits for the limits that are ticked.
      {isPart && ` It is of the ${of.members.length} requests that the verdict is about.`}
      {question.value.lifted.includes('wanted') &&
        ' All are wanted at once, so no URL may come from an answer.'}
      {isVerdicts() && replay !== null && ' This is the possible time of the verdict.'}
      {replay === null &&
        possibleWallMs !== null &&
        ' The possible time of the verdict is not from a replay.'}
    </p>
  );
}
