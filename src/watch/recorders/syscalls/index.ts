/** Records what a program asks of the kernel: any language, nothing prepared, nothing loaded into it. */
export { type Recorded, type RecordOptions, recordSyscalls } from './record.ts';
export { syscalls } from './recorder.ts';
export { canTrace, type Tracing } from './strace.ts';
export { readStrace } from './tracer.ts';
