/** The trace of a run: what its records are, writing them, reading them, and keeping secrets out. */
export * from './records.ts';
