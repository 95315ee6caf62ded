import type { Outcome, Protocol, Run, Runtime, Stage } from './story.ts';

/** One row of the table: a stage, on one runtime, over one protocol, with so many requests. */
export interface Cell {
  readonly stage: Stage;
  readonly run: Run;
  readonly runtime: Runtime;
  /** Of the interpreter, as far as it was named: '3.7'; '' where the language has but one. */
  readonly version: string;
  readonly protocol: Protocol;
  readonly n: number;
}

/** What the story expects of the cell's concurrent program. */
export function expectedOf({ run, protocol }: Cell): Outcome {
  return typeof run.expected === 'string' ? run.expected : run.expected[protocol];
}

/** '5a': the stage as it stands in the table. */
export function stageName({ stage, run }: Pick<Cell, 'stage' | 'run'>): string {
  return `${stage.id}${run.variant ?? ''}`;
}
