/** How many may fail: a number, or a share of all in percent. */
export type FailureLimit = { readonly count: number } | { readonly percent: number };

/** Whether `failed` of `all` are no more than the limit. */
export function isWithin(limit: FailureLimit, failed: number, all: number): boolean {
  return 'count' in limit ? failed <= limit.count : failed * 100 <= limit.percent * all;
}
