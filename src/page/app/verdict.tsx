import './verdict.css';
import type { Verdict } from '../../diagnose/browser.ts';
import { runs } from './state.ts';

/** The verdict of each run: one sentence, then why. */
export function VerdictHeader() {
  return (
    <header class="verdicts">
      {runs.map(({ name, verdict }) => (
        <VerdictOf key={name} name={name} verdict={verdict} />
      ))}
    </header>
  );
}

function VerdictOf({ name, verdict }: { readonly name: string; readonly verdict: Verdict }) {
  const [cause] = verdict.causes;
  return (
    <article class="verdict" data-overlap={verdict.overlap}>
      <p class="name">{name}</p>
      <h1>{verdict.verdict}</h1>
      {cause !== undefined && <p>{cause.text}</p>}
    </article>
  );
}
