import type { Cause, Expectation, Verdict } from '../diagnose/index.ts';
import type { Exchange } from '../trace/index.ts';
import { funnelLines } from './funnel.ts';
import { paint } from './paint.ts';
import { shortened } from './shorten.ts';
import { waterfallLines } from './waterfall.ts';
import { LABEL, labelled, WIDTH, wrap } from './wrap.ts';

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
    ...verdict.causes.slice(0, MOST_CAUSES).flatMap((cause) => causeLines(cause, verdict)),
    ...newFacts(verdict).flatMap((fact) => labelled('note', fact, 3)),
  ];
}

/** Facts that the sentence of the verdict has not said already. */
function newFacts({ verdict, facts }: Verdict): readonly string[] {
  const said = verdict.toLowerCase();
  return facts.filter((fact) => !said.includes(fact.toLowerCase().replace(/\.$/, '')));
}

const MEANINGS = { concurrent: 'good', partly: 'warn', serial: 'bad', unknown: 'warn' } as const;

function headline({ verdict, overlap }: Verdict, stream: NodeJS.WriteStream): readonly string[] {
  const [word, ...rest] = wrap(verdict, WIDTH);
  const end = word!.indexOf(':');
  const first = `${paint(MEANINGS[overlap], word!.slice(0, end), stream)}${paint('strong', word!.slice(end), stream)}`;
  return [first, ...rest.map((line) => paint('strong', line, stream))];
}

function causeLines(cause: Cause, { groups }: Verdict): string[] {
  const { confidence, evidence, remedy, reference, who } = cause;
  const [worst] = groups.filter(({ at }) => at !== null);
  const places = evidence.filter((each) => PLACE.test(each));
  const others = evidence.filter((each) => !PLACE.test(each));
  const asked =
    worst?.at && !places.some((place) => place.includes(worst.at!)) ? [`asked at ${worst.at}`] : [];
  const doubt = confidence === 'certain' ? '' : ` (${confidence})`;
  return [
    ...brief('why', whyOf(cause), doubt),
    ...[...asked, ...places].slice(0, MOST_PLACES).flatMap((place) => labelled('where', place, MOST_LINES)),
    ...(who === undefined ? [] : brief('who', `${who}.`)),
    ...others.slice(0, MOST_PLACES).flatMap((each) => labelled('seen', each, MOST_LINES)),
    ...(remedy === null ? [] : brief('do', remedy)),
    ...(reference === null ? [] : labelled('see', reference, 1)),
  ];
}

/** The sentence of a cause without the modules that brought it about, which get lines of their own. */
function whyOf({ text, who }: Cause): string {
  const tail = `: ${who}.`;
  return text.endsWith(tail) ? `${text.slice(0, -tail.length)}.` : text;
}

/** A text beside its label in two lines. */
function brief(label: string, text: string, doubt = ''): string[] {
  const short = shortened(text, WIDTH - LABEL, MOST_LINES, doubt);
  return labelled(label, `${short}${doubt}`, MOST_LINES);
}

/** 'file.py:105'. */
const PLACE = /[\w>]\.\w+:\d+/;

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
