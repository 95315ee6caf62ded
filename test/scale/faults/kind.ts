/** What fails in the middle of a run. */
export const KINDS = ['worker', 'coordinator', 'redis', 'postgres', 'network'] as const;

export type Kind = (typeof KINDS)[number];
