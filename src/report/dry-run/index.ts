/** What a report would do: how many requests to which origins, and how long at best, before the first is sent. */
export { type DryRun, dryRunOf } from './dry-run.ts';
export { asksAnswers, type RequestDryRun } from './request.ts';
