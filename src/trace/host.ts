import { availableParallelism, release } from 'node:os';
import type { Host } from './records.ts';

/** The machine that this runs on, as every trace names it: 'linux', as probes in other languages do, not 'Linux'. */
export function thisHost(): Host {
  return { os: process.platform, kernel: release(), cpus: availableParallelism() };
}
