import type { Run } from './factory.ts';
import { ASPECTS, type Aspect } from './judge.ts';
import { errorOf, type Prediction } from './predict.ts';
import { nameOf } from './program.ts';

/** How a program came out, in a line. */
export function lineOf({ program, outcome }: Run): string {
  if (outcome.kind === 'left out') return `-      ${nameOf(program)}: ${outcome.reason}`;
  return `${outcome.isRight ? 'right' : 'WRONG'}  ${nameOf(program)}${outcome.isRight ? '' : `; said ${outcome.judged.said}`}`;
}

/** What was said of each program that was judged wrong, what is true, and what its servers counted. */
export function wrongOf(runs: readonly Run[]): string {
  return runs
    .map(({ program, outcome }) => {
      if (outcome.kind === 'left out' || outcome.isRight) return '';
      const { judged, performance } = outcome;
      const wrong = ASPECTS.filter((aspect) => !judged.right[aspect]);
      const { max, mean, spanMs } = performance.counted;
      return [
        `${nameOf(program)}: wrong ${wrong.join(', ')}`,
        `  said    ${judged.said}`,
        `  true    ${judged.wanted}`,
        `  served  at most ${max} at once, ${mean.toFixed(1)} on average, in ${Math.round(spanMs)} ms`,
        '',
      ].join('\n');
    })
    .join('');
}

/** The table of what was right, by mechanism; Markdown. */
export function tableOf(runs: readonly Run[]): string {
  const groups = Map.groupBy(runs, ({ program }) => program.mechanism);
  const rows = byName(groups).map(([name, group]) => rowOf(name, group));
  return `| mechanism | programs | overlap | step | first cause | nothing false blamed |
| --- | ---: | ---: | ---: | ---: | ---: |
${[...rows, rowOf('all', runs)].join('\n')}
`;
}

function rowOf(name: string, runs: readonly Run[]): string {
  const rights = runs.flatMap(({ outcome }) => (outcome.kind === 'judged' ? [outcome.judged.right] : []));
  const rightIn = (aspect: Aspect) => rights.filter((right) => right[aspect]).length;
  return `| ${[name, rights.length, ...ASPECTS.map(rightIn)].join(' | ')} |`;
}

/** The share of the programs of which all is right, and what was left out, in a line. */
export function summaryOf(runs: readonly Run[]): string {
  const judged = runs.flatMap(({ outcome }) => (outcome.kind === 'judged' ? [outcome] : []));
  const right = judged.filter(({ isRight }) => isRight).length;
  const reasons = Map.groupBy(
    runs.flatMap(({ outcome }) =>
      outcome.kind === 'left out'
        ? [outcome.reason.split('\n', 1)[0]!.replace(/\d+ ms|\d+ of \d+/g, '…')]
        : [],
    ),
    (reason) => reason,
  );
  const leftOut = [...reasons].map(([reason, all]) => `; left out ${all.length}: ${reason}`).join('');
  return `${right} of ${judged.length} right in all${leftOut}`;
}

/** How a prediction came out, in a line. */
export function predictionLineOf(prediction: Prediction): string {
  if ('reason' in prediction) return `-      ${nameOf(prediction.program)}: ${prediction.reason}`;
  const { program, possibleMs, tookMs } = prediction;
  return `${errorOf(prediction).toFixed(2)}x  ${nameOf(program)}: ${Math.round(possibleMs)} ms possible, the twin took ${Math.round(tookMs)} ms`;
}

/** The table of errors, by mechanism; Markdown. */
export function predictionTableOf(predictions: readonly Prediction[]): string {
  const groups = Map.groupBy(predictions, ({ program }) => program.mechanism);
  const rows = byName(groups).map(([name, group]) => predictionRowOf(name, group));
  return `| mechanism | pairs | no possible time | median error | 90% within |
| --- | ---: | ---: | ---: | ---: |
${[...rows, predictionRowOf('all', predictions)].join('\n')}
`;
}

function predictionRowOf(name: string, predictions: readonly Prediction[]): string {
  const errors = predictions.flatMap((one) => ('reason' in one ? [] : [errorOf(one)])).sort((a, b) => a - b);
  const silent = predictions.filter(
    (one) => 'reason' in one && one.reason.startsWith('no possible time'),
  ).length;
  const at = (share: number) => errors[Math.min(errors.length - 1, Math.floor(share * errors.length))];
  const percent = (error: number | undefined) =>
    error === undefined ? '-' : `${Math.round(100 * (error - 1))}%`;
  const factor = (error: number | undefined) => (error === undefined ? '-' : `${error.toFixed(2)}x`);
  return `| ${[name, errors.length + silent, silent, percent(at(0.5)), factor(at(0.9))].join(' | ')} |`;
}

function byName<T>(groups: ReadonlyMap<string, T>): [string, T][] {
  return [...groups].sort(([a], [b]) => a.localeCompare(b));
}
