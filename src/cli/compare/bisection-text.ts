import type { Bisection, ComparedRun } from '../../compare/index.ts';
import { countOf, proofLine, runJson, seconds } from './text.ts';

/** A bisection, and the runs that it made. */
export interface ToldBisection {
  readonly bisection: Bisection;
  readonly runs: readonly ComparedRun[];
  /** Where the traces are. */
  readonly folder: string;
}

const MOST_LISTED = 10;

/** What a person reads at the end. */
export function bisectionLines({ bisection, runs, folder }: ToldBisection): string[] {
  const { outcome, text, slow, commit, before, candidates, skipped, proofs } = bisection;
  const [like, unlike] = slow === 'GOOD' ? ['fast', 'slow'] : ['slow', 'fast'];
  return [
    '',
    ...(commit === null
      ? []
      : [
          `${outcome === 'proved' ? 'First' : 'Perhaps the first'} ${like} commit: ${commit.short} ${commit.date} ${commit.author}: ${commit.subject}`,
        ]),
    ...(outcome === 'proved'
      ? [
          `  ${commit!.short} is ${like}:  ${proofLine(proofs.commit, runs)}`,
          `  ${before!.short} is ${unlike}:  ${proofLine(proofs.before, runs)}`,
        ]
      : [outcome === 'unknown' ? `could not tell: ${text}` : text]),
    ...candidates.map((each) => `  one of:  ${each.short} ${each.date} ${each.subject}`),
    ...skipped.slice(0, MOST_LISTED).map((each) => `  skipped: ${each.short} ${each.subject}: ${each.why}`),
    `${countOf(runs)}, ${seconds(runs)}; their traces are in ${folder}`,
    ...(outcome === 'proved' ? [`see the change: git show ${commit!.short}`] : []),
  ];
}

/** The same for programs. */
export function bisectionJson({ bisection, runs, folder }: ToldBisection): unknown {
  return { version: 1, ...bisection, runs: runs.map(runJson), folder };
}
