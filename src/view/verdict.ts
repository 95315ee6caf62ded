import type { Cause, Expectation, Verdict } from '../diagnose/index.ts';
import type { Exchange } from '../trace/index.ts';
import { funnelLines } from './funnel.ts';
import { codeLineText, observationText } from './observations.ts';
import { paint } from './paint.ts';
import { waterfallLines } from './waterfall.ts';
import { labelled, WIDTH, wrap } from './wrap.ts';

/** Causes that get their lines; the JSON has all. */
const MOST_CAUSES = 3;
const MOST_PLACES = 2;
const MOST_LINES = 2;

/** All that is said of a run. */
export interface Told {
  readonly verdict: Verdict;
  readonly expectation: Expectation | null;
  /** The first ones, in the order they were asked. */
  readonly exchanges: readonly Exchange[];
}

/** The verdict for people: what, why, where, what to do, then the funnel and the waterfall. */
export function verdictLines({ verdict, expectation, exchanges }: Told): readonly string[] {
  return [
    ...diagnosisLines(verdict),
    ...apart(funnelLines(verdict)),
    ...apart(waterfallLines(exchanges, verdict.exchanges, verdict.wallMs)),
    ...apart(unseen(verdict)),
    ...(verdict.trace === null ? [] : [paint('faint', `trace  ${verdict.trace}`)]),
    ...expected(expectation),
  ];
}

/** What, why, where and what to do, in the colours that `stream` shows. */
export function diagnosisLines(
  verdict: Verdict,
  stream: NodeJS.WriteStream = process.stderr,
): readonly string[] {
  return [
    ...headline(verdict, stream),
    ...verdict.causes.slice(0, MOST_CAUSES).flatMap(causeLines),
    ...verdict.facts.flatMap((fact) => labelled('note', fact, 3)),
  ];
}

const MEANINGS = { concurrent: 'good', partly: 'warn', serial: 'bad', unknown: 'warn' } as const;

function headline({ verdict, overlap }: Verdict, stream: NodeJS.WriteStream): readonly string[] {
  const [word = '', ...rest] = wrap(verdict, WIDTH);
  const first = `${paint(MEANINGS[overlap], overlap, stream)}${paint('strong', word.slice(overlap.length), stream)}`;
  return [first, ...rest.map((line) => paint('strong', line, stream))];
}

function causeLines(cause: Cause): string[] {
  const { confidence, text, because, places, evidence, fix, reference } = cause;
  const doubt = confidence === 'certain' ? '' : ` (${confidence})`;
  return [
    ...labelled('why', `${text}${doubt}`, MOST_LINES),
    ...because.flatMap((sentence) => labelled('', sentence, MOST_LINES)),
    ...places.slice(0, MOST_PLACES).flatMap((place) => labelled('where', codeLineText(place), MOST_LINES)),
    ...evidence.slice(0, MOST_PLACES).flatMap((seen) => labelled('seen', observationText(seen), MOST_LINES)),
    ...(fix === null ? [] : labelled('do', fix, MOST_LINES)),
    ...(reference === null ? [] : labelled('see', `${reference.url} (${reference.title})`, MOST_LINES)),
  ];
}

/** What the recorders could not see, each with what would allow it. */
function unseen({ recorders }: Verdict): readonly string[] {
  return recorders.flatMap(({ name, missed }) =>
    missed === undefined ? [] : labelled('unseen', `${name}: ${missed}`),
  );
}

function expected(expectation: Expectation | null): readonly string[] {
  if (expectation === null) return [];
  const { met, line } = expectation;
  return [paint(met === null ? 'warn' : met ? 'good' : 'bad', line)];
}

function apart(lines: readonly string[]): readonly string[] {
  return lines.length === 0 ? [] : ['', ...lines];
}
