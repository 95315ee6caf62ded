/** Runs any program under recorders, and gives what it did as one trace. */
export * from './recorders/syscalls/index.ts';
