/** List prices in US dollars, AWS us-east-1, as of 2025-06. They are inputs: replace them with your own. */
export const PRICES = {
  asOf: '2025-06',
  where: 'AWS us-east-1, on demand',
  /** S3 Standard. */
  putsPerThousand: 0.005,
  getsPerThousand: 0.0004,
  storagePerGbMonth: 0.023,
  /** An hour of a machine with two processors and 4 GB (c7g.large). */
  machineHour: 0.0725,
  machineProcessors: 2,
  /** An hour of a small Redis or PostgreSQL server (cache.t4g.medium). */
  queueHour: 0.065,
} as const;
