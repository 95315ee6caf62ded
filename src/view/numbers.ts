import { duration as durationOf } from '../diagnose/index.ts';

export { count, shortNumber } from '../diagnose/index.ts';

/** Milliseconds as a person says them, in the form of the verdict: '87 ms', '0.27 s', '4 min 05 s'. */
export function duration(ms: number): string {
  return durationOf(1e3 * ms);
}

/** 0.123 as '12.3%'. */
export function share(part: number): string {
  return `${(part * 100).toFixed(1)}%`;
}
