/** A report, from its text to its dumps: rows, requests, SQL over the answers, checks. */
export type { Report } from './report.ts';
