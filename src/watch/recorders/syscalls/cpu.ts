import { readFileSync } from 'node:fs';
import { countWhile } from '../../../trace/index.ts';

const EVERY_MS = 50;
const MOST_THREADS = 32;
/** A minute of samples. */
const KEPT = 1_200;

interface Samples {
  readonly path: string;
  readonly atUs: number[];
  readonly usedUs: number[];
}

/** How much of their time threads compute or wait for a CPU, sampled from the kernel's counts (/proc, schedstat). */
export class CpuMeter {
  readonly #threads = new Map<number, Samples>();
  readonly #startedUs: number;
  readonly #timer: NodeJS.Timeout;

  /** @param startedUs the Unix time, in microseconds, that times are relative to */
  constructor(startedUs: number) {
    this.#startedUs = startedUs;
    this.#timer = setInterval(() => this.#sample(), EVERY_MS);
    this.#timer.unref();
  }

  watch(pid: number, thread: number): void {
    if (this.#threads.has(thread) || this.#threads.size >= MOST_THREADS) return;
    this.#threads.set(thread, { path: `/proc/${pid}/task/${thread}/schedstat`, atUs: [], usedUs: [] });
  }

  /** The share of a time in which a thread computed or waited for a CPU; null where too little of it was sampled. */
  share(thread: number, fromUs: number, toUs: number): number | null {
    const samples = this.#threads.get(thread);
    if (samples === undefined) return null;
    const first = countWhile(samples.atUs, (atUs) => atUs < fromUs);
    const last = countWhile(samples.atUs, (atUs) => atUs <= toUs) - 1;
    const spanUs = (samples.atUs[last] ?? 0) - (samples.atUs[first] ?? 0);
    if (last <= first || spanUs < (toUs - fromUs) / 2) return null;
    return (samples.usedUs[last]! - samples.usedUs[first]!) / spanUs;
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  #sample(): void {
    for (const [thread, samples] of this.#threads) {
      try {
        // On a busy machine a thread that computes spends most of its time waiting for a CPU.
        const [ranNs, waitedNs] = readFileSync(samples.path, 'latin1').split(' ', 2).map(Number);
        samples.atUs.push(Date.now() * 1000 - this.#startedUs);
        samples.usedUs.push((ranNs! + waitedNs!) / 1000);
        if (samples.atUs.length <= KEPT) continue;
        samples.atUs.splice(0, KEPT / 2);
        samples.usedUs.splice(0, KEPT / 2);
      } catch {
        this.#threads.delete(thread); // it has ended
      }
    }
  }
}
