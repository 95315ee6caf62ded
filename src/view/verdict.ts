import {
  type Cause,
  codeLineText,
  type Expectation,
  observationText,
  type Verdict,
} from '../diagnose/index.ts';
import type { Exchange } from '../trace/index.ts';
import { funnelLines } from './funnel.ts';
import { paint } from './paint.ts';
import { phaseTexts } from './phases.ts';
import { printableIn } from './printable.ts';
import { waterfallLines } from './waterfall.ts';
import { labelled, WIDTH, wrap } from './wrap.ts';

/** Causes beside the first that get a line; the JSON has all. */
const MOST_OTHERS = 2;
const MOST_EVIDENCE = 2;
const MOST_NOTES = 2;
/** Columns of a label and the space after it. */
const LABEL = 10;

/** All that is said of a run. */
export interface Told {
  readonly verdict: Verdict;
  readonly expectation: Expectation | null;
  /** The first ones, in the order they were asked. */
  readonly exchanges: readonly Exchange[];
}

/** The verdict for people: what, why, where, what to do, then the funnel and the waterfall. */
export function verdictLines(told: Told): readonly string[] {
  const { verdict, expectation, exchanges } = printableIn(told);
  return [
    ...diagnosisLines(verdict),
    ...apart(funnelLines(verdict)),
    ...apart(waterfallLines(exchanges, verdict.exchanges, verdict.wallMs)),
    ...apart(unseen(verdict)),
    ...(verdict.trace === null ? [] : [paint('faint', `trace  ${verdict.trace}`)]),
    ...expected(expectation),
  ];
}

/** The headline, the cause that matters most, what to do, what was seen: in the colours that `stream` shows. */
export function diagnosisLines(
  verdict: Verdict,
  stream: NodeJS.WriteStream = process.stderr,
): readonly string[] {
  const [first, ...others] = verdict.causes;
  return [
    ...headline(verdict, stream),
    ...(verdict.time?.text == null ? [] : section('Time', [verdict.time.text])),
    ...(first === undefined ? [] : ['', ...causeLines(first)]),
    ...phaseLines(verdict),
    ...others.slice(0, MOST_OTHERS).flatMap((cause) => section('Also', [`${cause.text} ${sureness(cause)}`])),
    ...verdict.facts.slice(0, MOST_NOTES).flatMap((fact) => section('Note', [fact])),
  ];
}

const MEANINGS = { concurrent: 'good', partly: 'warn', serial: 'bad', unknown: 'warn' } as const;

/** The sentence of the verdict, with its first word in its colour. */
export function headline({ verdict, overlap }: Verdict, stream: NodeJS.WriteStream): readonly string[] {
  const [first = '', ...rest] = wrap(verdict, WIDTH);
  const strong = (text: string) => paint('strong', text, stream);
  // What failed comes first, where much did.
  const shown = verdict.startsWith(overlap)
    ? `${paint(MEANINGS[overlap], overlap, stream)}${strong(first.slice(overlap.length))}`
    : paint('bad', first, stream);
  return [shown, ...rest.map(strong)];
}

/** A cause: where, why, what to do, what was seen, and where to read more. */
export function causeLines(cause: Cause): readonly string[] {
  const { id, text, because, places, evidence, fix, reference } = cause;
  const [own, library] = places;
  const said = [text, ...because];
  return [
    ...(own === undefined
      ? section('Cause', [`${said.join(' ')} ${sureness(cause)}`])
      : section('Cause', [`${codeLineText(own)}  ${sureness(cause)}`, said.join(' ')])),
    ...section('Fix', fix === null ? [] : [fix]),
    ...section('Evidence', [
      ...evidence.slice(0, MOST_EVIDENCE).map(observationText),
      ...(library === undefined ? [] : [codeLineText(library)]),
    ]),
    ...section('More', [
      `abreast explain ${id}`,
      ...(reference === null ? [] : [`${reference.url} (${reference.title})`]),
    ]),
  ];
}

function sureness({ confidence }: Cause): string {
  return `[${confidence}]`;
}

/** Texts below each other beside their label. No line is cut: a path is to be opened, and a command to be copied. */
export function section(label: string, texts: readonly string[]): readonly string[] {
  const lines = texts.flatMap((text) => wrap(text, WIDTH - LABEL));
  return lines.map((line, at) => `${(at === 0 ? label : '').padEnd(LABEL)}${line}`);
}

/** Where a run has several phases, what each was. */
function phaseLines({ phases }: Verdict): readonly string[] {
  return section('Phases', phaseTexts(phases));
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
