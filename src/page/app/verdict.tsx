import './verdict.css';
import {
  type Cause,
  codeLineText,
  count,
  duration,
  observationText,
  placeOf,
  shortNumber,
  type Verdict,
} from '../../diagnose/browser.ts';
import type { AboutRun } from '../model/about.ts';
import { reasonOfNoCause } from '../model/no-cause.ts';
import { CopyButton } from './copy-button.tsx';
import { RUN_LETTERS, runs } from './state.ts';
import { Prose } from './text.tsx';

/** The verdict of each run: one sentence, the two numbers, then why. */
export function VerdictHeader() {
  return (
    <div class="verdicts" data-runs={runs.length}>
      {runs.map((run, at) => (
        <VerdictOf key={at} {...run} letter={runs.length > 1 ? RUN_LETTERS[at]! : null} />
      ))}
    </div>
  );
}

function VerdictOf({ name, run, verdict, sample, letter }: AboutRun & { readonly letter: string | null }) {
  const [cause, ...others] = verdict.causes;
  return (
    <article class="verdict" data-overlap={verdict.overlap}>
      <p class="run">
        {letter !== null && <b class="letter">{letter}</b>}
        <span class="name">{name}</span> <code>{cut(run.command.join(' '))}</code>
      </p>
      <div class="said">
        <Sentence verdict={verdict} />
        <Figures verdict={verdict} />
        {sample !== null && (
          <p class="notice">
            The run has {count(sample.of)} exchanges, and this page shows {count(sample.shown)} of them: a
            part of its requests, each with all its exchanges. The verdict is of all.
          </p>
        )}
      </div>
      <div class="why">
        {cause === undefined ? <p class="no-cause">{reasonOfNoCause(verdict)}</p> : <CauseOf cause={cause} />}
        <Others causes={others} />
        <Notes verdict={verdict} />
      </div>
    </article>
  );
}

/** The word for the overlap is marked, where the sentence begins with it. */
function Sentence({ verdict: { verdict, overlap } }: { readonly verdict: Verdict }) {
  const sentence = unbroken(verdict);
  if (!sentence.startsWith(overlap)) return <h1>{sentence}</h1>;
  return (
    <h1>
      <span class="overlap">{overlap}</span>
      {sentence.slice(overlap.length)}
    </h1>
  );
}

/** A command that is too long for a head: the environment has all of it. */
function cut(command: string): string {
  return command.length <= LONGEST_COMMAND ? command : `${command.slice(0, LONGEST_COMMAND)}…`;
}

const LONGEST_COMMAND = 200;

/** A number stays on the line of its unit. */
function unbroken(sentence: string): string {
  return sentence.replace(/(\d) (s|ms|min)\b/g, '$1\u00a0$2');
}

function Figures({ verdict }: { readonly verdict: Verdict }) {
  const { inFlight, funnel, wallMs, possibleWallMs, factor, exchanges, overlap } = verdict;
  if (exchanges === 0) return null;
  return (
    <dl class="figures">
      <Figure title="in flight, on average" value={shortNumber(inFlight.mean)} isMain />
      {funnel.wanted !== null && (
        <Figure title="wanted, on average" value={shortNumber(funnel.wanted)} isMain />
      )}
      <Figure title="taken" value={duration(1e3 * wallMs)} />
      {possibleWallMs !== null && overlap !== 'concurrent' && (
        <Figure
          title={`possible${factor === null ? '' : ` (${factor.toFixed(factor < 10 ? 1 : 0)}x)`}`}
          value={duration(1e3 * possibleWallMs)}
        />
      )}
    </dl>
  );
}

function Figure({
  title,
  value,
  isMain = false,
}: {
  readonly title: string;
  readonly value: string;
  readonly isMain?: boolean;
}) {
  return (
    <div class={isMain ? 'figure main' : 'figure'}>
      <dt>{title}</dt>
      <dd>{value}</dd>
    </div>
  );
}

const SURENESS = {
  certain: 'the wait itself was seen',
  likely: 'nothing else that is known does this',
  possible: 'something else looks the same',
} as const;

function CauseOf({ cause }: { readonly cause: Cause }) {
  const { id, text, because, places, from, fix, confidence, share, evidence, reference } = cause;
  const [where, ...deeper] = places;
  return (
    <dl class="cause">
      <dt>Cause</dt>
      <dd>
        <Prose text={[text, ...because].join(' ')} />
      </dd>
      {where !== undefined && <dt>Where</dt>}
      {where !== undefined && (
        <dd class="place">
          <code>{codeLineText(where)}</code>
          {deeper.length > 0 && (
            <details>
              <summary>
                {deeper.length === 1 ? 'one line below it' : `${deeper.length} lines below it`}
              </summary>
              <ul>
                {deeper.map((place) => (
                  <li key={`${place.file}:${place.line}`}>
                    <code>
                      {placeOf(place)} {place.function}
                    </code>
                  </li>
                ))}
              </ul>
            </details>
          )}
        </dd>
      )}
      {from !== undefined && <dt>From</dt>}
      {from !== undefined && (
        <dd>
          {from.module} {from.version}
        </dd>
      )}
      {fix !== null && <dt>Fix</dt>}
      {fix !== null && (
        <dd class="fix">
          <span>
            <Prose text={fix} />
          </span>{' '}
          <CopyButton text={fix} what="the fix" />
        </dd>
      )}
      <dt>Sure</dt>
      <dd>
        <b>{confidence}</b>: {SURENESS[confidence]}. It took {Math.round(100 * share)}% of the time.
        <details>
          <summary>evidence</summary>
          <ul>
            {evidence.map(observationText).map((seen) => (
              <li key={seen}>{seen}</li>
            ))}
            <li>
              <code>abreast explain {id}</code> says how it is recognized
            </li>
            {reference !== null && (
              <li>
                <a href={reference.url} rel="noreferrer">
                  {reference.title}
                </a>
              </li>
            )}
          </ul>
        </details>
      </dd>
    </dl>
  );
}

function Others({ causes }: { readonly causes: readonly Cause[] }) {
  if (causes.length === 0) return null;
  return (
    <details class="others">
      <summary>{causes.length === 1 ? 'One more cause' : `${causes.length} more causes`}</summary>
      {causes.map((cause) => (
        <CauseOf key={cause.id} cause={cause} />
      ))}
    </details>
  );
}

/** What else is to be known: the time without requests, and facts. */
function Notes({ verdict: { facts, time } }: { readonly verdict: Verdict }) {
  const notes = [...(time?.text == null ? [] : [time.text]), ...facts];
  if (notes.length === 0) return null;
  return (
    <ul class="notes">
      {notes.map((note) => (
        <li key={note}>{note}</li>
      ))}
    </ul>
  );
}
