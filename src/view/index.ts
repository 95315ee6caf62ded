/** Text for people at a terminal: progress while it runs, the summary when it has ended. */
export { findingLines, type Looked } from './findings.ts';
export { LiveBlock, type LiveRun, liveLines, liveText } from './live.ts';
export { count, duration, share } from './numbers.ts';
export { paint } from './paint.ts';
export { type ProgressFigures, type ProgressStyle, say, showProgress } from './progress.ts';
export { concurrencyWord, type SummaryFigures, summaryLines } from './summary.ts';
export type { Table } from './table.ts';

/** Tables. What knows how wide any text is takes as long to load as everything else together: no other run waits for it. */
export const loadTables = () => import('./table.ts');
/** What causes mean: it loads all rules of diagnose. */
export const loadExplanations = () => import('./explanation.ts');
export { type TextPage, textPageLines } from './text-page.ts';
export { diagnosisLines, section, type Told, verdictLines } from './verdict.ts';
export { WIDTH, wrap } from './wrap.ts';
