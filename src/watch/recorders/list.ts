import { node } from './node/index.ts';
import { probeRecorder } from './probe.ts';
import { python } from './python/index.ts';
import type { Probe, ProgramRecorder } from './recorder.ts';
import { ruby } from './ruby/index.ts';
import { syscalls } from './syscalls/index.ts';

/** All recorders. What one adds to the program the next ones see. */
export const recorders: readonly ProgramRecorder[] = [
  syscalls,
  probeRecorder('python', python),
  probeRecorder('node', node),
  probeRecorder('ruby', ruby),
];

/** What can be loaded into programs, here and elsewhere. */
export const probes: readonly Probe[] = recorders.flatMap(({ probe }) => probe ?? []);
