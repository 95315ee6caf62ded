import type { Finding } from './blame.ts';
import type { Disagreement } from './compare.ts';
import type { Tally } from './tally.ts';

/** Findings of one sort that are shown, and disagreements. */
const SHOWN = 5;

/** What came of all, in text. */
export function reportOf(tally: Tally, command: (number: number) => string, budgetMb: number): string {
  return [
    ...outcomesOf(tally),
    '',
    ...differencesOf(tally),
    ...unexplainedOf(tally, command),
    ...faultsOf(tally.faults, command),
    '',
    summaryOf(tally, budgetMb),
  ].join('\n');
}

/** The last line: what must be zero, and the memory. */
export function summaryOf(tally: Tally, budgetMb: number): string {
  const count = (kind: Finding['kind']) => tally.faults.filter((fault) => fault.kind === kind).length;
  const zeros = (['lost', 'doubled', 'hung', 'crashed', 'wrong', 'late', 'left open'] as const)
    .map((kind) => `${count(kind)} ${kind}`)
    .join(', ');
  const compared = `${tally.compared.undici} compared with undici, ${tally.compared.curl} with curl`;
  return `${tally.cases} cases, ${tally.requests} requests, ${compared}: ${zeros}, ${tally.unexplained.length} unexplained; peak memory ${Math.round(tally.peakMb)} of ${budgetMb} MB`;
}

function outcomesOf({ kinds, outcomes }: Tally): string[] {
  return [...kinds].map(([kind, cases]) => {
    const counts = [...(outcomes.get(kind) ?? [])].sort(([, a], [, b]) => b - a);
    return `${kind.padEnd(18)} ${String(cases).padStart(7)} cases: ${counts.map(([outcome, count]) => `${outcome} ${count}`).join(', ')}`;
  });
}

/** Known differences, each with how often it was met. */
function differencesOf({ disagreements }: Tally): string[] {
  const groups = Map.groupBy(
    disagreements.filter(({ known }) => known !== null),
    ({ known, peer }) =>
      `${peer}: ${known!.marks.join(', ')}: abreast ${known!.way}; ${known!.rfc}: ${known!.says}`,
  );
  return [...groups].map(([text, all]) => `${String(all.length).padStart(6)}  ${text}`);
}

function unexplainedOf({ unexplained }: Tally, command: (number: number) => string): string[] {
  const groups = Map.groupBy(
    unexplained,
    ({ peer, way, case: { marks } }) => `${peer} ${way} ${marks.join()}`,
  );
  return [...groups].flatMap(([, all]) => [
    `UNEXPLAINED ${all.length}  ${titleOf(all[0]!)}`,
    ...all.slice(0, 2).map(({ case: { number }, text }) => `    ${text}\n    ${command(number)}`),
  ]);
}

function titleOf({ peer, way, case: { marks } }: Disagreement): string {
  return `abreast ${way} what ${peer} does not: ${marks.join(', ') || 'nothing odd'}`;
}

function faultsOf(findings: readonly Finding[], command: (number: number) => string): string[] {
  const groups = Map.groupBy(
    findings,
    ({ kind, case: { marks } }) => `${kind.toUpperCase()} ${marks.join(', ')}`,
  );
  return [...groups].flatMap(([title, all]) => [
    `${title}: ${all.length}`,
    ...all
      .slice(0, SHOWN)
      .map(
        ({ case: { number }, ask, text }) =>
          `    ${ask === null ? '' : `request ${ask}: `}${text}\n    ${command(number)}`,
      ),
  ]);
}

/** The command that runs one case again. */
export function commandOf(seed: number): (number: number) => string {
  return (number) => `npm run torture -- --seed ${seed} --case ${number}`;
}
